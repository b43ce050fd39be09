"""The addresses below /accounts/."""

from django.urls import path

from accounts.doors import passwords, reading, registration, second_factor, signin

app_name = "accounts"
urlpatterns = [
    path("", signin.home, name="home"),
    path("sign-in/", signin.sign_in, name="sign-in"),
    path("sign-in/code/", second_factor.code, name="code"),
    path("sign-in/second-factor/", second_factor.enrol, name="enrol"),
    path("second-factor/", second_factor.overview, name="second-factor"),
    path("second-factor/recovery-codes/", second_factor.recovery_codes, name="recovery-codes"),
    path("second-factor/device/", second_factor.device, name="device"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("sign-out/everywhere/", signin.sign_out_everywhere, name="sign-out-everywhere"),
    path("register/", registration.register, name="register"),
    path("register/check-your-mail/", registration.check_mail, name="check-mail"),
    path("confirm/<str:token>/", registration.confirm, name="confirm"),
    path("confirmed/", registration.confirmed, name="confirmed"),
    path("password/forgotten/", passwords.forgotten, name="forgotten"),
    path("password/forgotten/sent/", passwords.forgotten_sent, name="forgotten-sent"),
    path("password/reset/<str:uid>/<str:token>/", passwords.reset, name="reset"),
    path("password/change/", passwords.change, name="change-password"),
    path("language/", reading.reading, name="reading"),
]
