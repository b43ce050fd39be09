"""Addresses below /api/v1/supplier/."""

from django.urls import path

from launches.api import views

supplier_urlpatterns = [
    path("launches/", views.OwnLaunchListView.as_view()),
    path("launches/<id:launch_id>/", views.OwnLaunchView.as_view()),
    path("launches/<id:launch_id>/publication/", views.PublicationView.as_view()),
    path("launches/<id:launch_id>/confirmation/", views.ConfirmationView.as_view()),
    path("launches/<id:launch_id>/delays/", views.DelayListView.as_view()),
    path("launches/<id:launch_id>/abort/", views.AbortView.as_view()),
    path("launches/<id:launch_id>/flight/", views.FlightView.as_view()),
]
