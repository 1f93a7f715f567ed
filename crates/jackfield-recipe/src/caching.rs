//! The setting that decides whether, and for how long, the replies of a tool are cached.

/// The caching of a tool's replies, with the time for which a cached reply is fresh.
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
