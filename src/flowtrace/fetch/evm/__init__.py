"""Nodes of EVM chains, by JSON-RPC; and what such a chain's records say, whichever service passes them on."""
