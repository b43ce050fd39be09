"""API sign-in: tokens, and who may call what."""
