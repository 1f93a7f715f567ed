//! The errors of serving.

use std::fmt;
#[cfg(feature = "http")]
use std::net::SocketAddr;
#[cfg(feature = "http")]
use std::path::{Path, PathBuf};

#[cfg(feature = "http")]
use jackfield_recipe::shell_quoted;

#[cfg(feature = "http")]
use crate::common::io_failure::IoFailure;

/// An error that ends a session or keeps the server from starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeError(pub(super) ServeFault);

/// The cause of a [`ServeError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ServeFault {
    /// The client violated the protocol. The text comes from the SDK.
    Protocol(String),
    /// `unix://` is not followed by an absolute path.
    NoSocketPath(String),
    NoAddress(String),
    NoAuthentication(String),
    /// `--http-auth none` cannot be combined with a token. It cannot be combined with a Unix socket either, because a socket always checks
    /// the operating system user of its clients.
    #[cfg(feature = "http")]
    NoTokenContradicts(&'static str),
    /// The address is reachable from other machines.
    #[cfg(feature = "http")]
    NotLoopback(SocketAddr),
    /// The text is not a list of addresses of proxies.
    NoProxy(String),
    /// A certificate file cannot be used, for the reason in the text.
    #[cfg(feature = "serve")]
    Certificate(PathBuf, String),
    /// This option needs the feature `serve`.
    #[cfg(all(feature = "http", not(feature = "serve")))]
    NeedsServe(&'static str),
    /// The address is reachable from other machines, but callers have no individual tokens.
    #[cfg(feature = "http")]
    UnknownCallers(SocketAddr),
    /// The address is reachable from other machines, but tokens would be sent without TLS.
    #[cfg(feature = "http")]
    NoTls(SocketAddr),
    /// The address cannot be a part of a URL for clients, as with `0.0.0.0`, and no option sets the URL that
    /// clients use.
    #[cfg(feature = "http")]
    NoPublicUrl(SocketAddr),
    /// Options about individual tokens of callers contradict each other.
    #[cfg(feature = "http")]
    CallersContradict(&'static str),
    /// The program was built without support for individual tokens of callers.
    #[cfg(all(feature = "http", not(feature = "serve")))]
    NoCallers,
    #[cfg(feature = "http")]
    Address(SocketAddr, IoFailure),
    #[cfg(feature = "http")]
    Socket(PathBuf, SocketFault),
    #[cfg(feature = "http")]
    SocketFolder(PathBuf, FolderFault),
    #[cfg(feature = "http")]
    Token(TokenSource, TokenFault),
    /// The system has no random bytes for a new token.
    #[cfg(feature = "http")]
    NoRandomNumbers,
}

/// The reason why a socket cannot be used.
#[cfg(feature = "http")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "the faults depend on the system")]
pub(super) enum SocketFault {
    /// This system does not support Unix sockets.
    Unsupported,
    Io(IoFailure),
    /// The path exists and is not a socket.
    NoSocket,
    /// Another server listens at the socket.
    Taken,
}

/// The reason why a folder cannot contain the socket.
#[cfg(feature = "http")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "other systems have no sockets"))]
pub(super) enum FolderFault {
    Io(IoFailure),
    /// Other users can replace files in the folder.
    OpenToOthers,
    /// Another server is just creating its socket in the folder.
    Busy,
}

/// The source of a token.
#[cfg(feature = "http")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenSource {
    Variable(String),
    File(PathBuf),
}

/// The reason why a variable or a file does not contain a usable token. The message does not quote the content of the variable or file.
#[cfg(feature = "http")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "on other systems, user profiles are private"))]
pub(super) enum TokenFault {
    /// The token is so short that it can be guessed.
    Short {
        shortest: usize,
    },
    /// The token contains a character that bearer tokens do not allow.
    Character,
    Unreadable(IoFailure),
    NotMade(IoFailure),
    NoFile,
    OfOtherUser {
        owner: u32,
        own: u32,
    },
    OpenToOthers {
        mode: u32,
    },
}

impl From<ServeFault> for ServeError {
    fn from(fault: ServeFault) -> Self {
        Self(fault)
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ServeFault::Protocol(text) => f.write_str(text),
            ServeFault::NoSocketPath(text) => write!(
                f,
                "`{text}` is not a socket address: write unix:// and an absolute path, as in unix:///run/user/1000/shop.sock"
            ),
            ServeFault::NoAddress(text) => {
                write!(
                    f,
                    "`{text}` is not an address such as 127.0.0.1:8700 or unix:///run/user/1000/shop.sock"
                )
            }
            ServeFault::NoAuthentication(text) => {
                write!(f, "`{text}` is not an authentication mode: use token, named-tokens or none")
            }
            #[cfg(feature = "http")]
            ServeFault::NoTokenContradicts(what) => {
                write!(f, "--http-auth none contradicts {what}: leave one of them out")
            }
            #[cfg(feature = "http")]
            ServeFault::NotLoopback(address) => write!(
                f,
                "{address} can be reached from other machines, and anyone who connects acts with your credentials: serve \
                 at 127.0.0.1"
            ),
            ServeFault::NoProxy(text) => write!(
                f,
                "`{text}` is not a list of addresses: write --trusted-proxy 127.0.0.1 or --trusted-proxy \
                 10.0.0.0/8,192.0.2.7"
            ),
            #[cfg(feature = "serve")]
            ServeFault::Certificate(path, reason) => {
                let path = quoted(path);
                write!(f, "cannot use the certificate and the key: {path}: {reason}")
            }
            #[cfg(all(feature = "http", not(feature = "serve")))]
            ServeFault::NeedsServe(option) => write!(
                f,
                "`{option}` is for servers that many people use: add `features = [\"serve\"]` to jackfield-runtime in \
                 Cargo.toml"
            ),
            #[cfg(feature = "http")]
            ServeFault::NoPublicUrl(address) => write!(
                f,
                "clients cannot connect to {address}: add --public-url https://HOST/mcp with the host name that clients use"
            ),
            #[cfg(feature = "http")]
            ServeFault::UnknownCallers(address) => write!(
                f,
                "{address} can be reached from other machines, so every caller needs an individual token: add --issuer URL, \
                 or create tokens with `token add NAME` and add --http-auth named-tokens; or serve at 127.0.0.1"
            ),
            #[cfg(feature = "http")]
            ServeFault::NoTls(address) => write!(
                f,
                "{address} can be reached from other machines, and tokens would be sent without encryption: add --tls-cert \
                 FILE and --tls-key FILE, or --trusted-proxy ADDR for a proxy that has TLS; or serve at 127.0.0.1"
            ),
            #[cfg(feature = "http")]
            ServeFault::CallersContradict(what) => {
                write!(f, "individual tokens of callers cannot be combined with {what}: remove one of them")
            }
            #[cfg(all(feature = "http", not(feature = "serve")))]
            ServeFault::NoCallers => f.write_str(
                "--http-auth named-tokens needs `features = [\"serve\"]` for jackfield-runtime in Cargo.toml",
            ),
            #[cfg(feature = "http")]
            ServeFault::Address(address, failure) => write!(f, "cannot serve at {address}: {failure}"),
            #[cfg(feature = "http")]
            ServeFault::Socket(path, fault) => fault.describe(path, f),
            #[cfg(feature = "http")]
            ServeFault::SocketFolder(folder, fault) => fault.describe(&quoted(folder), f),
            #[cfg(feature = "http")]
            ServeFault::Token(TokenSource::Variable(name), fault) => fault.describe(name, name, f),
            #[cfg(feature = "http")]
            ServeFault::Token(TokenSource::File(path), fault) => {
                let file = quoted(path);
                fault.describe(&format!("the token file {file}"), &file, f)
            }
            #[cfg(feature = "http")]
            ServeFault::NoRandomNumbers => f.write_str("this machine gives no random numbers"),
        }
    }
}

impl std::error::Error for ServeError {}

#[cfg(feature = "http")]
fn quoted(path: &Path) -> String {
    shell_quoted(&path.to_string_lossy()).into_owned()
}

#[cfg(feature = "http")]
impl SocketFault {
    fn describe(&self, path: &Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = quoted(path);
        match self {
            Self::Unsupported => {
                let shown = path.display();
                write!(f, "cannot serve at {shown}: this system has no Unix sockets; serve at 127.0.0.1")
            }
            Self::Io(failure) => write!(f, "cannot serve at the socket {shown}: {failure}"),
            Self::NoSocket => write!(f, "{shown} exists and is not a socket: choose another path"),
            Self::Taken => write!(f, "another server listens at {shown}: choose another path"),
        }
    }
}

#[cfg(feature = "http")]
impl FolderFault {
    fn describe(&self, shown: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(failure) => write!(f, "cannot use the folder {shown} for a socket: {failure}"),
            Self::OpenToOthers => write!(
                f,
                "other users can replace a socket in the folder {shown}: name a folder of your own, such as \
                 $XDG_RUNTIME_DIR"
            ),
            Self::Busy => write!(f, "another server is starting in the folder {shown}: try again"),
        }
    }
}

#[cfg(feature = "http")]
impl TokenFault {
    /// Writes the message. `source` names the variable or the file, as a part of a sentence. `file` is the quoted path alone.
    fn describe(&self, source: &str, file: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { shortest } => {
                write!(
                    f,
                    "{source} contains a token of fewer than {shortest} characters, which can be guessed"
                )
            }
            Self::Character => {
                write!(f, "{source} is not a bearer token: use only letters, digits and -._~+/=")
            }
            Self::Unreadable(failure) => write!(f, "cannot read {source}: {failure}"),
            Self::NotMade(failure) => write!(f, "cannot create {source}: {failure}"),
            Self::NoFile => write!(f, "{source} is not a regular file"),
            Self::OfOtherUser { owner, own } => write!(
                f,
                "{source} belongs to user {owner}, but this program runs as user {own}: choose another file"
            ),
            Self::OpenToOthers { mode } => write!(
                f,
                "other users can read or write {source} (mode {mode:03o}), and may know the token. Delete the file; the \
                 next start makes a new token: rm {file}"
            ),
        }
    }
}
