"""How the sample desk is made: invented business, drawn by a pen that keeps the truth of what it prints."""
