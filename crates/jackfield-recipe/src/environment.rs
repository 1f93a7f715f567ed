//! The names of a connector's environment variables.

use crate::location::Location;

/// A setting of a connector that an environment variable contains. Credentials are not settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The base URL of requests.
    BaseUrl,
    /// The server that is selected from the servers of the document.
    Server,
    /// Additional origins that may receive credentials.
    Origins,
    /// A file of certificate authorities.
    CaFile,
    /// Folders whose files tools may send.
    Files,
    /// The maximum size in bytes of a file that tools may send.
    FilesLimit,
    /// Folders in which tools may store replies.
    Downloads,
    /// The maximum size in bytes of a reply that tools may store.
    DownloadsLimit,
    /// The folder for copies of large files that are being sent.
    Spool,
    /// The maximum number of concurrent calls.
    MaxCalls,
    /// The maximum number of bytes that all concurrent calls together hold in memory.
    MaxBytes,
    /// The level of the log.
    Log,
    /// The token that clients of the HTTP server send.
    HttpToken,
    /// A folder with a sentence encoder.
    Encoder,
    /// The timeout of a whole call, in seconds.
    Timeout,
    /// The timeout of a connection, in seconds.
    ConnectTimeout,
    /// The timeout until a reply begins, in seconds.
    FirstByteTimeout,
    /// The timeout between two chunks of a reply, in seconds.
    BetweenBytesTimeout,
    /// The timeout of a call that sends or stores a file, in seconds.
    TransferTimeout,
    /// The maximum number of attempts of a call.
    Retry,
    /// The maximum size of cached replies, in bytes.
    Cache,
}

impl Setting {
    /// Every setting, in the order of the enum.
    pub const ALL: [Self; 21] = [
        Self::BaseUrl,
        Self::Server,
        Self::Origins,
        Self::CaFile,
        Self::Files,
        Self::FilesLimit,
        Self::Downloads,
        Self::DownloadsLimit,
        Self::Spool,
        Self::MaxCalls,
        Self::MaxBytes,
        Self::Log,
        Self::HttpToken,
        Self::Encoder,
        Self::Timeout,
        Self::ConnectTimeout,
        Self::FirstByteTimeout,
        Self::BetweenBytesTimeout,
        Self::TransferTimeout,
        Self::Retry,
        Self::Cache,
    ];

    /// Returns the suffix of the variable's name, which follows the connector's name.
    const fn suffix(self) -> &'static str {
        match self {
            Self::BaseUrl => "BASE_URL",
            Self::Server => "SERVER",
            Self::Origins => "ORIGINS",
            Self::CaFile => "CA_FILE",
            Self::Files => "FILES",
            Self::FilesLimit => "FILES_LIMIT",
            Self::Downloads => "DOWNLOADS",
            Self::DownloadsLimit => "DOWNLOADS_LIMIT",
            Self::Spool => "SPOOL",
            Self::MaxCalls => "MAX_CALLS",
            Self::MaxBytes => "MAX_BYTES",
            Self::Log => "LOG",
            Self::HttpToken => "HTTP_TOKEN",
            Self::Encoder => "ENCODER",
            Self::Timeout => "TIMEOUT",
            Self::ConnectTimeout => "TIMEOUT_CONNECT",
            Self::FirstByteTimeout => "TIMEOUT_FIRST_BYTE",
            Self::BetweenBytesTimeout => "TIMEOUT_BETWEEN_BYTES",
            Self::TransferTimeout => "TIMEOUT_TRANSFER",
            Self::Retry => "RETRY",
            Self::Cache => "CACHE",
        }
    }

    /// Returns the environment variable of the setting for a connector, such as `BOOK_SHOP_BASE_URL`.
    pub fn variable(self, connector: &str) -> String {
        variable(connector, self.suffix())
    }

    /// Returns the environment variable that sets a variable of the server URL, such as `BOOK_SHOP_SERVER_REGION`.
    pub fn server_variable(connector: &str, name: &str) -> String {
        variable(connector, &format!("{}_{name}", Self::Server.suffix()))
    }

    /// Returns the environment variable that sets a parameter of every request, such as `BOOK_SHOP_HEADER_X_VERSION`.
    pub fn parameter_variable(connector: &str, location: Location, name: &str) -> String {
        let place = match location {
            Location::Path => "PATH",
            Location::Query => "QUERY",
            Location::Header => "HEADER",
            Location::Cookie => "COOKIE",
        };
        variable(connector, &format!("{place}_{name}"))
    }
}

/// Returns the environment variable that contains the path of a file with the value of `variable`: `BOOK_SHOP_TOKEN_FILE` for
/// `BOOK_SHOP_TOKEN`.
pub fn file_variable(variable: &str) -> String {
    format!("{variable}_FILE")
}

/// Returns the prefix of all environment variables of a connector, such as `BOOK_SHOP_`.
pub fn variable_prefix(connector: &str) -> String {
    variable(connector, "")
}

/// Returns `CONNECTOR_SUFFIX` in upper case, with `_` for every character that is not an ASCII letter or digit.
pub(crate) fn variable(connector: &str, suffix: &str) -> String {
    let spell = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let mut name = String::with_capacity(connector.len() + 1 + suffix.len());
    name.extend(connector.chars().map(spell));
    name.push('_');
    name.extend(suffix.chars().map(spell));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_a_connector_have_distinct_environment_variables() {
        assert_eq!(Setting::BaseUrl.variable("book-shop"), "BOOK_SHOP_BASE_URL");
        assert_eq!(Setting::server_variable("book-shop", "data-center"), "BOOK_SHOP_SERVER_DATA_CENTER");
        let parameter = |location| Setting::parameter_variable("book-shop", location, "X-Version");
        assert_eq!(parameter(Location::Header), "BOOK_SHOP_HEADER_X_VERSION");
        assert_eq!(parameter(Location::Query), "BOOK_SHOP_QUERY_X_VERSION");
        assert_eq!(file_variable(&Setting::HttpToken.variable("shop")), "SHOP_HTTP_TOKEN_FILE");
        assert!(Setting::ALL.iter().all(|it| it.variable("a-b").starts_with(&variable_prefix("a-b"))));
        let mut names = Setting::ALL.map(|setting| setting.variable("shop"));
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
}
