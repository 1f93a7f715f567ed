//! The limits of an HTTP server that do not depend on a tool.

use std::fmt;
#[cfg(feature = "http")]
use std::time::Duration;

/// The values of the limits of an HTTP server. Each limit has a flag of `serve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpLimits([u32; HttpLimit::ALL.len()]);

/// A limit of an HTTP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpLimit {
    /// The number of connections that have sent an accepted request.
    Connections,
    /// The number of connections that have not yet sent an accepted request.
    NewConnections,
    /// The number of concurrent requests on one connection.
    Requests,
    /// The number of sessions of clients of older revisions.
    Sessions,
    /// The number of bytes of a request's body.
    Body,
    /// The number of bytes of a request's headers.
    Headers,
    /// The number of seconds for a TLS handshake, for the first accepted request, and for each body.
    ReadTimeout,
    /// The number of seconds without a request after which a connection is closed.
    IdleTimeout,
    /// The number of seconds that calls in flight may take when the server stops.
    Drain,
}

impl HttpLimit {
    /// Every limit, in the order of the enum.
    pub const ALL: [Self; 9] = [
        Self::Connections,
        Self::NewConnections,
        Self::Requests,
        Self::Sessions,
        Self::Body,
        Self::Headers,
        Self::ReadTimeout,
        Self::IdleTimeout,
        Self::Drain,
    ];

    /// Returns the flag that sets the limit.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Connections => "--max-connections",
            Self::NewConnections => "--max-new-connections",
            Self::Requests => "--max-requests",
            Self::Sessions => "--max-sessions",
            Self::Body => "--max-body",
            Self::Headers => "--max-headers",
            Self::ReadTimeout => "--read-timeout",
            Self::IdleTimeout => "--idle-timeout",
            Self::Drain => "--drain",
        }
    }

    /// Returns the default value of the limit.
    pub const fn usual(self) -> u32 {
        match self {
            Self::Connections => 256,
            Self::NewConnections => 128,
            Self::Requests => 64,
            Self::Sessions => 1024,
            Self::Body => 4 * 1024 * 1024,
            Self::Headers => 32 * 1024,
            Self::ReadTimeout => 10,
            Self::IdleTimeout => 300,
            Self::Drain => 30,
        }
    }

    /// Returns the minimum and the maximum value of the limit.
    const fn range(self) -> (u32, u32) {
        match self {
            Self::Connections | Self::NewConnections | Self::Requests | Self::Sessions => (1, 65_536),
            Self::Body => (1024, 64 * 1024 * 1024),
            // The minimum is the number of bytes that hyper always reads.
            Self::Headers => (8192, 1024 * 1024),
            Self::ReadTimeout | Self::IdleTimeout => (1, 86_400),
            Self::Drain => (0, 3600),
        }
    }
}

impl HttpLimits {
    /// Returns the value of a limit.
    pub const fn get(&self, limit: HttpLimit) -> u32 {
        self.0[limit as usize]
    }

    /// Returns the value of a limit as a size.
    #[cfg(feature = "http")]
    pub(crate) const fn size(&self, limit: HttpLimit) -> usize {
        self.get(limit) as usize
    }

    /// Returns the value of a limit in seconds.
    #[cfg(feature = "http")]
    pub(crate) const fn time(&self, limit: HttpLimit) -> Duration {
        Duration::from_secs(self.get(limit) as u64)
    }

    /// Sets the value of a limit.
    ///
    /// # Errors
    /// Returns an error if the text is not a number in the range of the limit.
    pub fn set(&mut self, limit: HttpLimit, text: &str) -> Result<(), InvalidLimit> {
        let (least, most) = limit.range();
        let value = text.parse().ok().filter(|value| (least..=most).contains(value));
        self.0[limit as usize] = value.ok_or_else(|| InvalidLimit { limit, text: text.to_owned() })?;
        Ok(())
    }
}

/// The error for text that is not a number in the range of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidLimit {
    limit: HttpLimit,
    text: String,
}

impl fmt::Display for InvalidLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, text } = self;
        let ((least, most), usual) = (limit.range(), limit.usual());
        let flag = limit.flag();
        write!(f, "`{flag}` takes a number from {least} to {most} (default {usual}), not `{text}`")
    }
}

impl std::error::Error for InvalidLimit {}

impl Default for HttpLimits {
    fn default() -> Self {
        Self(HttpLimit::ALL.map(HttpLimit::usual))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_about_a_limit_outside_its_range_names_the_flag() {
        let mut limits = HttpLimits::default();
        for limit in HttpLimit::ALL {
            let (least, most) = limit.range();
            assert!((least..=most).contains(&limit.usual()), "{limit:?}");
            assert_eq!(limits.get(limit), limit.usual());
            for wrong in ["", "x", "-1", "1.5", &(u64::from(most) + 1).to_string()] {
                let why = limits.set(limit, wrong).unwrap_err().to_string();
                assert!(why.contains(limit.flag()), "{why}");
            }
            limits.set(limit, &most.to_string()).unwrap();
            assert_eq!(limits.get(limit), most);
        }
    }

    #[test]
    fn table_in_docs_serving_md_names_every_http_limit() {
        let page = include_str!("../../../../docs/serving.md");
        for limit in HttpLimit::ALL {
            let row = page.lines().find(|line| line.starts_with(&format!("| `{}` ", limit.flag())));
            let row = row.unwrap_or_else(|| panic!("{} is not documented", limit.flag()));
            assert!(row.ends_with(&format!("| {} |", limit.usual())), "{row}");
        }
    }
}
