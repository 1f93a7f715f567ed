//! The description of a server, independent of the client.

/// A server that a client can start or reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The name of the entry: 1 to 64 of `A-Z a-z 0-9 _ -`.
    pub name: String,
    /// The way in which the client starts the server or connects to it.
    pub start: Start,
}

/// The way in which a client starts a server or connects to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The client starts a program and communicates over stdin and stdout.
    Stdio {
        /// The program, as an absolute path or a name in the client's PATH.
        command: String,
        /// The arguments of the program.
        args: Vec<String>,
        /// The variables that the program needs. Entries refer to them and never contain their values.
        variables: Vec<Variable>,
    },
    /// The client connects to a running server.
    Http {
        /// The URL, such as `http://127.0.0.1:8700/mcp`.
        url: String,
        /// The variable that contains the bearer token, if the server requires one.
        token: Option<Variable>,
    },
}

/// An environment variable with a value for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The meaning of the value. A client that asks its user for the value shows this text.
    pub meaning: String,
    /// Whether a client that asks for the value should hide what the user types.
    pub is_secret: bool,
}

impl Server {
    /// Whether the text can be the name of an entry in every client.
    pub fn is_name(text: &str) -> bool {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }
}
