//! Runs commands that are separate programs. `jackfield gateway` runs `jackfield-gateway` from the folder of this program or from PATH.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::Failure;

/// Runs the program of a command. Returns `None` if the command is built in, or if no program for it exists.
pub(crate) fn run(
    words: impl IntoIterator<Item = OsString>,
    is_known: impl Fn(&str) -> bool,
) -> Option<Result<ExitCode, Failure>> {
    let mut words = words.into_iter().skip(1);
    let name = words.next()?.into_string().ok()?;
    let is_name = name.starts_with(|char: char| char.is_ascii_lowercase())
        && name.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-');
    if !is_name || is_known(&name) {
        return None;
    }
    let here = env::current_exe().ok().and_then(|program| Some(program.parent()?.to_owned()));
    let path = env::var_os("PATH").unwrap_or_default();
    let program = find(&name, here, &path)?;
    Some(
        become_program(Command::new(&program).args(words))
            .map_err(|error| Failure::Other(format!("{} cannot be started: {error}", program.display()))),
    )
}

/// Finds the program of a command in the folder of this program, or else on PATH.
fn find(name: &str, here: Option<PathBuf>, path: &OsStr) -> Option<PathBuf> {
    let file = format!("jackfield-{name}{}", env::consts::EXE_SUFFIX);
    // An empty entry of PATH would mean the current folder, and a repository could contain a program with that name.
    let folders = env::split_paths(path).filter(|folder| !folder.as_os_str().is_empty());
    here.into_iter().chain(folders).map(|folder| folder.join(&file)).find(|file| file.is_file())
}

/// Replaces this process with the program, so that signals and the terminal reach the program.
#[cfg(unix)]
fn become_program(command: &mut Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_in_the_folder_of_jackfield_takes_precedence_over_path() {
        let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let [here, one, other] = [0, 1, 2].map(|at: usize| folders[at].path().to_owned());
        let path = env::join_paths([&one, &other]).unwrap();
        let found = || find("gateway", Some(here.clone()), &path);
        assert_eq!(found(), None);
        for folder in [&other, &one, &here] {
            let file = folder.join(format!("jackfield-gateway{}", env::consts::EXE_SUFFIX));
            std::fs::write(&file, "").unwrap();
            assert_eq!(found(), Some(file));
        }
    }

    #[test]
    fn built_in_commands_and_options_do_not_start_another_program() {
        for word in ["serve", "--help", "../gateway", "Gateway", "", "no-such-program-anywhere"] {
            let words = ["jackfield", word].map(OsString::from);
            assert!(run(words, |name| name == "serve").is_none(), "{word}");
        }
    }
}
