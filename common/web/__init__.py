"""Web glue used by every portal and API: context, problem answers, schema."""
