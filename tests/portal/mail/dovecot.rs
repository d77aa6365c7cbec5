//! The real Dovecot on loopback, with folders, ports and a certificate of its own; and a line to it that a test can break.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::tls_files;

pub const PASSWORD: &str = "s3cret@/ word";
/// The same in a URL.
pub const WRITTEN_PASSWORD: &str = "s3cret%40%2F%20word";

/// Who reads the mailboxes when the tests run as root, whom Dovecot lets read none.
const NOBODY: u32 = 65_534;

pub struct Dovecot {
    master: Child,
    folder: TempDir,
    owner: (u32, u32),
    /// The port that speaks in clear until STARTTLS, and the one that is encrypted from the first byte.
    pub port: u16,
    pub tls_port: u16,
    /// The certificate's authority, in DER.
    pub authority: Vec<u8>,
}

/// A port that nobody has now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn own_name(which: &str) -> String {
    let output = Command::new("id").arg(which).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Dovecot {
    pub fn start() -> Dovecot {
        let folder = tempfile::Builder::new().prefix("dovecot").tempdir_in("/tmp").unwrap();
        let home = folder.path().display().to_string();
        let me = fs::metadata(folder.path()).unwrap();
        let owner = if me.uid() == 0 { (NOBODY, NOBODY) } else { (me.uid(), me.gid()) };
        let authority = tls_files(folder.path());
        fs::write(folder.path().join("password"), format!("bounces@portal.test:{{PLAIN}}{PASSWORD}\n"))
            .unwrap();
        let (port, tls_port) = (free_port(), free_port());
        let (uid, gid) = owner;
        // the users that Dovecot would change to are those that this process may change to
        let users = match me.uid() {
            0 => String::new(),
            _ => format!(
                "default_internal_user = {0}\ndefault_login_user = {0}\ndefault_internal_group = {1}\n",
                own_name("-un"),
                own_name("-gn")
            ),
        };
        let config = format!(
            "base_dir = {home}/run\nstate_dir = {home}/state\nlog_path = {home}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
             ssl = yes\nssl_cert = <{home}/cert.pem\nssl_key = <{home}/key.pem\ndisable_plaintext_auth = no\n\
             auth_mechanisms = plain login\nmail_location = maildir:{home}/mail\nmail_uid = {uid}\nmail_gid = {gid}\n\
             first_valid_uid = 1\nfirst_valid_gid = 1\nauth_failure_delay = 0\n{users}\
             passdb {{\n driver = passwd-file\n args = {home}/password\n}}\n\
             userdb {{\n driver = static\n args = uid={uid} gid={gid} home={home}/mail\n}}\n\
             service anvil {{\n chroot =\n unix_listener anvil-auth-penalty {{\n mode = 0\n }}\n}}\nservice imap-login {{\n chroot =\n inet_listener imap {{\n port = {port}\n }}\n\
             inet_listener imaps {{\n port = {tls_port}\n }}\n}}\nservice stats {{\n chroot =\n}}\n"
        );
        fs::write(folder.path().join("conf"), config).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        for part in ["mail", "mail/cur", "mail/new", "mail/tmp"] {
            fs::create_dir(folder.path().join(part)).unwrap();
            chown(folder.path().join(part), Some(uid), Some(gid)).unwrap();
        }
        let master = Command::new("dovecot")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .args(["-F", "-c"])
            .arg(folder.path().join("conf"))
            .stdin(Stdio::null())
            .spawn()
            .expect("Dovecot is missing: tests/run installs it");
        let dovecot = Dovecot { master, folder, owner, port, tls_port, authority };
        dovecot.wait();
        dovecot
    }

    /// Until it greets.
    fn wait(&self) {
        let begun = Instant::now();
        loop {
            let mut said = [0; 4];
            let greeted = TcpStream::connect(("127.0.0.1", self.port))
                .and_then(|mut line| line.read_exact(&mut said))
                .is_ok();
            if greeted {
                return;
            }
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(20), "Dovecot does not start: {log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn part(&self, name: &str) -> PathBuf {
        self.folder.path().join("mail").join(name)
    }

    /// A message arrives.
    pub fn deliver(&self, text: &str) {
        static NEXT: AtomicUsize = AtomicUsize::new(1_000_000);
        let name = format!("{}.test", NEXT.fetch_add(1, Ordering::Relaxed));
        let arriving = self.part("tmp").join(&name);
        fs::write(&arriving, text).unwrap();
        chown(&arriving, Some(self.owner.0), Some(self.owner.1)).unwrap();
        fs::rename(arriving, self.part("new").join(name)).unwrap();
    }

    /// The texts of the messages that are marked as read, and of those that are not, in the order in which they arrived.
    pub fn read_and_unread(&self) -> (Vec<String>, Vec<String>) {
        let mut names: Vec<PathBuf> =
            ["new", "cur"].iter().flat_map(|part| listed(&self.part(part))).collect();
        names.sort_by_key(|path| path.file_name().map(|name| name.to_owned()));
        let text = |path: &PathBuf| fs::read_to_string(path).unwrap();
        let is_read = |path: &&PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.rsplit_once(":2,").is_some_and(|(_, flags)| flags.contains('S'))
        };
        let (read, unread): (Vec<&PathBuf>, Vec<&PathBuf>) = names.iter().partition(is_read);
        (read.into_iter().map(text).collect(), unread.into_iter().map(text).collect())
    }

    /// The folder's numbers begin anew, as after a repair or a move to another server.
    pub fn forget_numbers(&self) {
        for path in listed(&self.folder.path().join("mail")) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("dovecot.index") || name.starts_with("dovecot.list") {
                fs::remove_file(path).unwrap();
            } else if name == "dovecot-uidlist" {
                let text = fs::read_to_string(&path).unwrap();
                let validity = text.split_whitespace().find_map(|word| word.strip_prefix('V')).unwrap();
                let next: u32 = validity.parse::<u32>().unwrap() + 1;
                fs::write(path, text.replacen(&format!("V{validity}"), &format!("V{next}"), 1)).unwrap();
            }
        }
    }
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // it ends its own children
        let _ = Command::new("kill").arg(self.master.id().to_string()).status();
        let _ = self.master.wait();
    }
}

/// What becomes of the line when the client says something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    GoesOn,
    /// The server never hears it, and the line is closed.
    Breaks,
    /// The server never hears it, and nobody says anything any more.
    Stalls,
}

/// A line to a server that asks `fate` before it passes on what the client says. Gives its port.
pub fn line_to(port: u16, fate: impl Fn(&str) -> Fate + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let fate = Arc::new(fate);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let fate = Arc::clone(&fate);
            thread::spawn(move || pass_on(client, port, &*fate));
        }
    });
    own
}

fn pass_on(mut client: TcpStream, port: u16, fate: &dyn Fn(&str) -> Fate) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (mut answers, mut hearing) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut answers, &mut hearing);
        let _ = hearing.shutdown(Shutdown::Both);
    });
    let mut said = [0; 4096];
    while let Ok(got @ 1..) = client.read(&mut said) {
        match fate(&String::from_utf8_lossy(&said[..got])) {
            Fate::GoesOn if server.write_all(&said[..got]).is_ok() => {}
            Fate::GoesOn | Fate::Breaks => break,
            Fate::Stalls => {
                // until the client has had enough
                while let Ok(1..) = client.read(&mut said) {}
                break;
            }
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
}
