//! The setting whether and how long the replies of a tool are cached.

/// Whether the replies of a tool are cached, and how long cached replies are fresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Caching {
    /// Replies are not cached.
    #[default]
    Off,
    /// Every call revalidates the cached reply.
    Revalidate,
    /// A cached reply is fresh for this number of seconds. After that, it is revalidated.
    Seconds(u32),
}

impl Caching {
    /// The maximum number of seconds: a day.
    pub const MOST_SECONDS: u32 = 86_400;

    /// Whether replies are cached.
    pub const fn is_on(self) -> bool {
        !matches!(self, Self::Off)
    }
}
