"""SQLite (WAL) and PostgreSQL through SQLAlchemy Core."""
