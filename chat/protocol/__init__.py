"""The protocol itself: frames, limits, heartbeat policy, session state machine, framing.

Pure: no Django, no asyncio, no clock, no randomness. Time and verdicts come in as arguments;
frames and intents come out. Whoever moves bytes is in chat.transports, whoever acts on intents in chat.gateway.
"""
