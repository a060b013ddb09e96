"""A C++ compiler that has read the public headers once (a precompiled header), so that many small files are tried quickly."""
import pathlib
import subprocess


class Compiler:
    def __init__(self, command, build, folder, more_headers=()):
        """`build` has public_headers.txt and include/; `folder` takes the precompiled header. `more_headers` are spelt as in an #include."""
        self.command = [str(command), "-std=c++20", "-I", str(build / "include"), "-Wall", "-Wextra", "-Werror"]
        self.is_clang = "clang" in subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
        headers = (build / "public_headers.txt").read_text(encoding="utf-8").split() + list(more_headers)
        everything = pathlib.Path(folder) / f"everything_{'clang' if self.is_clang else 'gcc'}.hpp"
        everything.write_text("".join(f"#include <{name}>\n" for name in headers), encoding="utf-8")
        made = everything.with_suffix(".hpp.pch" if self.is_clang else ".hpp.gch")
        done = subprocess.run(self.command + ["-x", "c++-header", str(everything), "-o", str(made)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"FAIL the public headers do not compile together:\n{done.stderr}")
        self.first = ["-include-pch", str(made)] if self.is_clang else ["-include", str(everything)]

    def complaints(self, file, *flags):
        """What the compiler says against the file; empty where it takes it."""
        done = subprocess.run(self.command + self.first + list(flags) + ["-fsyntax-only", str(file)], capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stderr or "(no words)"
