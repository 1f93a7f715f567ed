//! The ways to use a published server: its packages and its addresses.

use jackfield_recipe::visible_line;
use jackfield_registry::{Entry, Finding, Package, Remote, check_package, check_remote};

use crate::failure::Failure;

/// A way to use a published server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'e> {
    /// A package that the gateway fetches and starts.
    Package(&'e Package),
    /// A server at a URL.
    Remote(&'e Remote),
}

/// A way, and the findings about it.
#[derive(Debug)]
pub(super) struct CheckedWay<'e> {
    pub(super) way: Way<'e>,
    pub(super) findings: Vec<Finding>,
}

impl Way<'_> {
    /// Returns the word that chooses the way: the kind of package, or `remote`.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Package(package) => package.kind.as_str(),
            Self::Remote(_) => "remote",
        }
    }

    /// Returns the package with its version, or the URL.
    pub(super) fn target(&self) -> String {
        let text = match self {
            Self::Package(package) => match &package.version {
                Some(version) => format!("{} {version}", package.identifier),
                None => package.identifier.clone(),
            },
            Self::Remote(remote) => remote.url().to_owned(),
        };
        visible_line(&text).into_owned()
    }
}

impl CheckedWay<'_> {
    /// Whether the way is never used.
    pub(super) fn is_refused(&self) -> bool {
        self.findings.iter().any(Finding::is_refused)
    }
}

/// Returns the ways of an entry, packages first.
pub(super) fn ways(entry: &Entry) -> Vec<CheckedWay<'_>> {
    let packages = entry.packages.iter().enumerate().map(|(at, package)| CheckedWay {
        way: Way::Package(package),
        findings: check_package(package, &format!("server/packages/{at}")),
    });
    let remotes = entry.remotes.iter().enumerate().map(|(at, remote)| CheckedWay {
        way: Way::Remote(remote),
        findings: check_remote(remote, &format!("server/remotes/{at}")),
    });
    packages.chain(remotes).collect()
}

/// Chooses a way of an entry: the way that `wanted` names, or else the first way that is not refused. `wanted` is the word of a way, or its
/// number as `show` prints it.
///
/// # Errors
/// Returns an error if the wanted way does not exist, or if each way is refused.
pub(super) fn choose<'e>(entry: &'e Entry, wanted: Option<&str>) -> Result<CheckedWay<'e>, Failure> {
    let mut ways = ways(entry);
    let fits = |(at, checked): (usize, &CheckedWay<'_>)| match wanted {
        Some(wanted) => wanted == checked.way.word() || wanted == (at + 1).to_string(),
        None => true,
    };
    let fitting: Vec<usize> = (0..ways.len()).filter(|at| fits((*at, &ways[*at]))).collect();
    let usable = fitting.iter().copied().find(|at| !ways[*at].is_refused());
    if let Some(at) = usable {
        return Ok(ways.swap_remove(at));
    }
    let Some(first) = fitting.first().and_then(|at| ways.get(*at)) else {
        return Err(Failure(match wanted {
            Some(wanted) => {
                let words: Vec<&str> = ways.iter().map(|checked| checked.way.word()).collect();
                format!("{} has no way `{wanted}`: choose one of `{}`", entry.name, words.join("`, `"))
            }
            None => format!("{} has neither a package nor a URL, so it cannot be added", entry.name),
        }));
    };
    let reasons: Vec<String> =
        first.findings.iter().filter(|finding| finding.is_refused()).map(ToString::to_string).collect();
    Err(Failure(format!(
        "{} cannot be added from {} {}:\n{}",
        entry.name,
        first.way.word(),
        first.way.target(),
        reasons.join("\n")
    )))
}
