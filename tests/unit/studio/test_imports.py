"""What the server process pays for."""

import os
import subprocess
import sys


def test_the_server_imports_no_painting_library() -> None:
    script = (
        "import sys, heliograph.studio.link, heliograph.studio.painters.blank\n"
        "import heliograph.studio.painters.composer\n"
        "print(*{'numpy', 'cv2', 'PIL', 'av', 'diorama'} & sys.modules.keys())"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert found.stdout.strip() == ""
