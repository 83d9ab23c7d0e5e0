"""What a reader sees: tables, figures and descriptions, from chapters and records alone."""
