//! The kinds of surfaces, which determine the tools that a client sees.

use std::fmt;
use std::str::FromStr;

/// The kind of a surface, which determines the tools that a client sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SurfaceKind {
    /// Every tool.
    #[default]
    Each,
    /// A search over all tools, and a few tools by name.
    Promoted,
    /// A search over all tools.
    Search,
    /// Every tool if the list is short, otherwise a search.
    Auto,
}

impl SurfaceKind {
    /// The maximum number of tokens of a list of tools for which `auto` shows every tool.
    pub const SHORT_LIST: usize = 10_000;

    /// All kinds, in the order of the enum.
    pub const ALL: [Self; 4] = [Self::Each, Self::Promoted, Self::Search, Self::Auto];

    /// Returns the name of the kind, for the option `--surface` and for connector.toml.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Promoted => "promoted",
            Self::Search => "search",
            Self::Auto => "auto",
        }
    }
}

impl fmt::Display for SurfaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SurfaceKind {
    type Err = UnknownSurface;

    fn from_str(text: &str) -> Result<Self, UnknownSurface> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownSurface(text.to_owned()))
    }
}

/// The error for text that is not the name of a surface kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSurface(String);

impl fmt::Display for UnknownSurface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no surface {:?}; use each, promoted, search or auto", self.0)
    }
}

impl std::error::Error for UnknownSurface {}

#[cfg(test)]
mod tests {
    use super::SurfaceKind;

    #[test]
    fn surface_kind_is_parsed_from_its_name() {
        for kind in SurfaceKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        let problem = "all".parse::<SurfaceKind>().map_err(|error| error.to_string());
        assert_eq!(
            problem,
            Err("there is no surface \"all\"; use each, promoted, search or auto".to_owned())
        );
    }
}
