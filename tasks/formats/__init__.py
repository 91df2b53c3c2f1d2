"""The forms in which data leaves: CSV, JSON Lines and XLSX, and the manifest that goes last."""
