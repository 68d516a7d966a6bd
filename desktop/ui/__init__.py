"""The Qt screens; the only floor that knows PySide6."""
