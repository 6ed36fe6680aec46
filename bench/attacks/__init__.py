"""Attacks on both programs, run by bench/faults.py."""
