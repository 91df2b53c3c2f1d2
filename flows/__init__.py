"""WHEN: Prefect orders the steps, retries and schedules them; no logic of its own."""
