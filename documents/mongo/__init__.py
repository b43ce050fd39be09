"""
The gateway to the two document stores, and the only package that imports the driver.

Every driver error leaves here as one of ours, so that no caller has to know the driver.
"""

from documents.mongo.collection import Document, Documents, Refusal
from documents.mongo.lines import document_of, line_of
from documents.mongo.stores import Store, close, customer, forget_failures, logs, patient

__all__ = [
    "Document",
    "Documents",
    "Refusal",
    "Store",
    "close",
    "customer",
    "document_of",
    "forget_failures",
    "line_of",
    "logs",
    "patient",
]
