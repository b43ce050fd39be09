"""The page behind the links that switch mails off; it belongs to no portal, for nobody signs in for it."""
