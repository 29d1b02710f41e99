"""Where bytes come from; one kind of source is one file and one line in `SOURCES`."""

from collections.abc import Mapping
from typing import Final

from stationd.sources import ntrip, recording, serial_port, standard_input, tcp, tcp_server
from stationd.sources.source import SourceKind

SOURCES: Final[Mapping[str, SourceKind]] = {
    "ntrip": SourceKind(ntrip.Settings, ntrip.NtripSource, "a mountpoint of an NTRIP caster"),
    "tcp": SourceKind(tcp.Settings, tcp.TcpSource, "a receiver that serves its stream on a port"),
    "tcp-server": SourceKind(
        tcp_server.Settings, tcp_server.TcpServerSource, "a station that pushes to a port of ours"
    ),
    "serial": SourceKind(serial_port.Settings, serial_port.SerialSource, "a receiver on a cable"),
    "file": SourceKind(
        recording.Settings, recording.RecordingSource, "a recording, played at its pace", live=False
    ),
    "stdin": SourceKind(
        standard_input.Settings, standard_input.StandardInputSource, "what is piped in"
    ),
}
