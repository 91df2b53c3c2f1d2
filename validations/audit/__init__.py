"""The mathematics of audits: plans, standard tables, certificates, monitoring, agreement and skill; pure, no clock, no store."""
