//! The error of a call whose caller has not connected a required account.

use std::fmt;

use serde_json::{Map, Value, json};

/// A call needs an account at a server, and its caller has not connected one. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountMissing {
    /// The name of the server.
    pub server: String,
    /// The reason why the caller's account cannot be used, if the caller has connected one.
    pub why: Option<String>,
    /// The command that connects the account.
    pub command: String,
    /// The page on which the caller's user connects the account.
    pub link: Option<ConnectLink>,
}

/// A page on which the caller's user connects an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectLink {
    /// The id of the elicitation. Knowing the id permits nothing.
    pub id: String,
    /// The URL of the page.
    pub url: String,
}

impl AccountMissing {
    /// The text for the person who connects the account.
    fn message(&self) -> String {
        format!("Connect your account at the server `{}` of this gateway.", self.server)
    }

    /// The parameters of an elicitation of the mode `url`, if there is a page.
    pub(crate) fn elicitation(&self) -> Option<Map<String, Value>> {
        let ConnectLink { id, url } = self.link.as_ref()?;
        let parameters = json!({ "mode": "url", "elicitationId": id, "url": url, "message": self.message() });
        parameters.as_object().cloned()
    }
}

impl fmt::Display for AccountMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, why, command, link } = self;
        write!(f, "The server `{server}` needs an account of the caller")?;
        match why {
            Some(why) => write!(f, ", and the connected one cannot be used: {why}.")?,
            None => f.write_str(", and none is connected.")?,
        }
        f.write_str(" Nothing was sent. ")?;
        match link {
            Some(link) => write!(
                f,
                "Ask the user to connect the account at {} (or with `{command}`), and call again after that.",
                link.url
            ),
            None => write!(f, "The user has to run `{command}`. Call again after that."),
        }
    }
}

impl std::error::Error for AccountMissing {}
