//! Which replies are kept in memory.

/// Whether the replies of a tool are kept, and when they answer a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Caching {
    /// No reply is kept.
    #[default]
    Off,
    /// Every call asks the service whether the reply that is kept is still current.
    Revalidate,
    /// A reply answers calls for so many seconds without a request. After that, the service is asked.
    Seconds(u32),
}

impl Caching {
    /// The most seconds for which a reply answers calls: a day.
    pub const MOST_SECONDS: u32 = 86_400;

    /// Whether replies are kept.
    pub const fn is_on(self) -> bool {
        !matches!(self, Self::Off)
    }
}
