"""Serves one GGUF file over llama.cpp's OpenAI-compatible HTTP server: server.py FILE PORT. See serve.sh."""

import os
import pathlib
import signal
import socket
import sys

import xllamacpp

# Gemma 3 270M is a base model and brings no chat template. Questions with answers are a text it can go on with.
BASE_TEMPLATE = """
{%- for m in messages -%}
{%- if m.role == "system" -%}{{ m.content + "\n\n" }}
{%- elif m.role == "user" -%}{{ "Question: " + m.content + "\n" }}
{%- else -%}{{ "Answer: " + m.content + "\n\n" }}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ "Answer:" }}{%- endif -%}
""".strip()
BASE_STOP = "\nQuestion:"


def refuse_busy(port: int) -> None:
    """llama.cpp would share a port with whoever listens there already, and answer half of the calls."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as err:
            sys.exit(f"port {port}: {err}")


def parameters(model: pathlib.Path, port: int) -> xllamacpp.CommonParams:
    slots = int(os.environ.get("SLOTS", 2))
    threads = int(os.environ.get("THREADS", os.cpu_count() or 1))
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.model_alias = {model.stem}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_parallel = slots
    params.n_ctx = slots * int(os.environ.get("CONTEXT", 4096))
    params.n_predict = 512
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.ui = False
    if key := os.environ.get("API_KEY"):
        params.api_keys = [key]
    if model.stem.startswith("gemma3"):
        params.chat_template = BASE_TEMPLATE
        params.antiprompt = [BASE_STOP]
    return params


def main() -> None:
    model, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    if not model.exists():
        sys.exit(f"{model}: no such file; setup.sh fetches it")
    refuse_busy(port)
    ends = {signal.SIGTERM}
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # in the background of a script, Ctrl-C is not for us
        ends.add(signal.SIGINT)
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before the server starts its threads, which inherit the mask
    server = xllamacpp.Server(parameters(model, port))
    print(f"{model.stem} on {server.listening_address}/v1", flush=True)
    signal.sigwait(ends)
    os._exit(0)  # the server's threads hold no state worth a slow goodbye


main()
