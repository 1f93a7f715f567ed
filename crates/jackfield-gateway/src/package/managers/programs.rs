//! The program of a package that may have several.

use crate::package::fault::PackageFault;

/// Chooses a program: the wanted one, or else the only one, or else the one with the name of the package.
///
/// # Errors
/// Returns an error that lists the programs if none of these exists.
pub(super) fn choose<'p, T: PartialEq>(
    programs: &'p [(String, T)],
    package: &str,
    wanted: Option<&str>,
) -> Result<&'p (String, T), PackageFault> {
    let named = |name: &str| programs.iter().find(|(known, _)| known == name);
    let names = || programs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("`, `");
    if let Some(wanted) = wanted {
        return named(wanted).ok_or_else(|| {
            PackageFault::new(format!("`{package}` has no program `{wanted}`; it has `{}`", names()))
        });
    }
    let Some((first, rest)) = programs.split_first() else {
        return Err(PackageFault::new(format!(
            "`{package}` has no program, so the gateway cannot start it: it may be a library"
        )));
    };
    if rest.iter().all(|(_, what)| *what == first.1) {
        return Ok(first);
    }
    named(package).ok_or_else(|| {
        PackageFault::new(format!(
            "`{package}` has several programs, and none has its name: name one of `{}`",
            names()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(programs: &[(&str, u8)], wanted: Option<&str>) -> Result<u8, String> {
        let programs: Vec<(String, u8)> =
            programs.iter().map(|(name, what)| ((*name).to_owned(), *what)).collect();
        choose(&programs, "own", wanted).map(|(_, what)| *what).map_err(|error| error.to_string())
    }

    #[test]
    fn program_is_the_wanted_the_only_or_the_one_named_as_the_package() {
        assert_eq!(of(&[("a", 1)], None), Ok(1));
        assert_eq!(of(&[("a", 1), ("b", 1)], None), Ok(1));
        assert_eq!(of(&[("a", 1), ("own", 2)], None), Ok(2));
        assert_eq!(of(&[("a", 1), ("own", 2)], Some("a")), Ok(1));
        assert!(of(&[("a", 1), ("b", 2)], None).unwrap_err().contains("name one of `a`, `b`"));
        assert!(of(&[("a", 1)], Some("z")).unwrap_err().contains("has no program `z`; it has `a`"));
        assert!(of(&[], None).unwrap_err().contains("has no program"));
    }
}
