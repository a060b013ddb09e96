"""Certificates for end-to-end tests, made by the `openssl` command: good ones, and each kind of bad one."""
import datetime
import pathlib
import subprocess

MINIMAL = "[req]\ndistinguished_name=dn\n[dn]\n"
AUTHORITY = """
[ca]
default_ca=this
[this]
database={folder}/index
new_certs_dir={folder}
certificate={certificate}
private_key={key}
default_md=sha256
policy=any
unique_subject=no
rand_serial=yes
[any]
commonName=optional
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def days_from_now(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Identity:
    """A private key and its certificate; `chain` is a file with what its server shows besides."""

    def __init__(self, folder, name):
        self.key, self.certificate, self.chain = folder / f"{name}.key", folder / f"{name}.pem", None
        self.name = name

    def full_chain(self):
        text = self.certificate.read_text() + (self.chain.read_text() if self.chain else "")
        path = self.certificate.with_suffix(".chain")
        path.write_text(text)
        return path


class Workshop:
    """Makes identities in one folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.plain = self.folder / "minimal.cnf"
        self.plain.write_text(MINIMAL)

    def _new_key(self, identity, rsa_bits):
        if rsa_bits:
            openssl("genrsa", "-out", identity.key, rsa_bits)
        else:
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", identity.key)

    def self_signed(self, name, subject, extensions):
        made = Identity(self.folder, name)
        self._new_key(made, None)
        added = [word for extension in extensions for word in ("-addext", extension)]
        openssl("req", "-config", self.plain, "-x509", "-new", "-key", made.key, "-out", made.certificate, "-subj", f"/CN={subject}",
                "-days", "30", *added)
        return made

    def root(self, name, subject):
        return self.self_signed(name, subject, ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"])

    def issue(self, issuer, name, subject, names=(), use="serverAuth", authority=False, since_days=-1, until_days=30, digest="sha256", rsa_bits=None):
        """names: "DNS:a" and "IP:b"; the two times are relative to now."""
        made = Identity(self.folder, name)
        self._new_key(made, rsa_bits)
        request, settings, extensions = (self.folder / f"{name}.{kind}" for kind in ("csr", "cnf", "ext"))
        openssl("req", "-config", self.plain, "-new", "-key", made.key, "-out", request, "-subj", f"/CN={subject}")
        (self.folder / "index").write_text("")
        settings.write_text(AUTHORITY.format(folder=self.folder, certificate=issuer.certificate, key=issuer.key))
        if authority:
            lines = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
        else:
            lines = ["basicConstraints=CA:FALSE", f"extendedKeyUsage={use}"]
        if names:
            lines.append("subjectAltName=" + ",".join(names))
        extensions.write_text("\n".join(lines) + "\n")
        openssl("ca", "-batch", "-notext", "-config", settings, "-in", request, "-out", made.certificate, "-extfile", extensions, "-md", digest,
                "-startdate", days_from_now(since_days), "-enddate", days_from_now(until_days))
        return made
