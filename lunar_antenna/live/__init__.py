"""The workbench: a design steered with sliders, in a notebook and in the browser from one script.

state.py what is steered, and the problem it means; answers.py what is drawn of it; session.py who
asks and is answered, the latest first; jobs.py work in the background; server.py and widget.py
carry messages between a session and the script; explore.py chooses between them.
"""
