"""What mails say, a file a language: each has all kinds, sentences, rows and reasons (a test looks)."""
