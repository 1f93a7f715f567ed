//! The hidden command that sets limits on its process, and then executes the program of a connector.
#![allow(clippy::print_stderr, reason = "the gateway reads the stderr of its children")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::UserIds;
use crate::config::{ChildCommand, QuarantineLimits};

/// The name of the hidden command.
const WORD: &str = "start-child";

/// The exit status of the hidden command if it cannot execute the program.
pub(crate) const FAILED: i32 = 125;

/// The beginning of the error message in this case.
pub(crate) const FAILURE: &str = "jackfield-gateway start-child: ";

/// The maximum number of files that a child may have open.
const MOST_FILES: u64 = 1024;

/// Returns the command that starts a program with its limits.
pub(crate) fn command(child: &ChildCommand, program: &Path, ids: Option<UserIds>) -> Command {
    if cfg!(not(unix)) {
        let mut command = Command::new(program);
        command.args(&child.arguments);
        return command;
    }
    let mut command = Command::new(child.confinement.launcher.clone().unwrap_or_else(own_program));
    command.arg(WORD);
    if let Some(mebibytes) = child.memory {
        command.arg(format!("--memory={mebibytes}"));
    }
    if let Some(UserIds { user, group }) = ids {
        command.arg(format!("--user={user}:{group}"));
    }
    let confinement = &child.confinement;
    if !confinement.is_open && super::is_available() {
        match confinement.quarantine {
            Some(QuarantineLimits { processes, cpu, file }) => {
                command.arg(format!("--quarantined={processes}:{cpu}:{file}"))
            }
            None => command.arg("--confined"),
        };
        if confinement.has_sockets {
            command.arg("--sockets");
        }
        for (option, paths) in [
            ("--protect", &confinement.protected),
            ("--read", &confinement.readable),
            ("--write", &confinement.writable),
        ] {
            for path in paths {
                command.arg(option).arg(path);
            }
        }
    }
    command.arg("--").arg(program).args(&child.arguments);
    command
}

/// Returns the path of this program, even if a newer version has replaced its file.
fn own_program() -> PathBuf {
    match cfg!(target_os = "linux") {
        true => "/proc/self/exe".into(),
        false => std::env::current_exe().unwrap_or_else(|_| "jackfield-gateway".into()),
    }
}

/// The limits that the hidden command sets, and the program that it executes.
#[derive(Debug, Default, PartialEq)]
struct Launch {
    memory: Option<u64>,
    user: Option<(u32, u32)>,
    is_confined: bool,
    has_sockets: bool,
    protected: Vec<PathBuf>,
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
    quarantine: Option<QuarantineLimits>,
    command: Vec<OsString>,
}

impl Launch {
    /// Parses the arguments of the hidden command. `None` if another version of the gateway wrote them.
    fn parse(words: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let (mut launch, mut words) = (Self::default(), words.into_iter());
        loop {
            let word = words.next()?;
            match word.to_str()? {
                "--" => break,
                "--confined" => launch.is_confined = true,
                "--sockets" => launch.has_sockets = true,
                "--protect" => launch.protected.push(words.next()?.into()),
                "--read" => launch.readable.push(words.next()?.into()),
                "--write" => launch.writable.push(words.next()?.into()),
                word => match word.split_once('=')? {
                    ("--quarantined", numbers) => {
                        let mut numbers = numbers.split(':').map(|number| number.parse().ok());
                        let (processes, cpu) = (numbers.next()??, numbers.next()??);
                        let limits = QuarantineLimits { processes, cpu, file: numbers.next()?? };
                        launch.quarantine = Some(limits);
                    }
                    ("--memory", number) => launch.memory = Some(number.parse().ok()?),
                    ("--user", ids) => {
                        let (user, group) = ids.split_once(':')?;
                        launch.user = Some((user.parse().ok()?, group.parse().ok()?));
                    }
                    _ => return None,
                },
            }
        }
        launch.command = words.collect();
        (!launch.command.is_empty()).then_some(launch)
    }
}

/// Runs the hidden command if this process was started with it. Returns `None` if it was not, and the exit code if the command fails.
pub(crate) fn run() -> Option<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    if words.next()? != WORD {
        return None;
    }
    let why = match Launch::parse(words) {
        Some(launch) => become_program(&launch),
        None => "this command is for the gateway itself".to_owned(),
    };
    eprintln!("{FAILURE}{why}");
    u8::try_from(FAILED).ok().map(ExitCode::from)
}

/// Gives up rights, and executes the program. Returns only if that fails.
#[cfg(unix)]
fn become_program(launch: &Launch) -> String {
    use std::os::unix::process::CommandExt as _;

    let Some((program, arguments)) = launch.command.split_first() else { return "no program".to_owned() };
    if let Err(why) = limit(launch).and_then(|()| confine(launch)) {
        return why;
    }
    let mut command = Command::new(program);
    command.args(arguments);
    if let Some((user, group)) = launch.user {
        // The standard library also removes the supplementary groups.
        command.gid(group).uid(user);
    }
    let error = command.exec();
    format!("{} cannot be started: {error}", Path::new(program).display())
}

#[cfg(not(unix))]
fn become_program(_: &Launch) -> String {
    "this system cannot limit and confine programs".to_owned()
}

/// Sets the resource limits of the program and of everything that it starts.
#[cfg(unix)]
fn limit(launch: &Launch) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let at_most = |resource, most: u64| {
        // Only root may raise the limit above the gateway's own.
        let most = Some(getrlimit(resource).maximum.map_or(most, |own| own.min(most)));
        setrlimit(resource, Rlimit { current: most, maximum: most })
    };
    let failed = |error| format!("a limit cannot be set: {error}");
    at_most(Resource::Core, 0).map_err(failed)?;
    at_most(Resource::Nofile, MOST_FILES).map_err(failed)?;
    if let Some(mebibytes) = launch.memory {
        at_most(Resource::Data, mebibytes << 20).map_err(failed)?;
    }
    if let Some(QuarantineLimits { processes, cpu, file }) = launch.quarantine {
        at_most(Resource::Nproc, processes).map_err(failed)?;
        at_most(Resource::Cpu, cpu).map_err(failed)?;
        at_most(Resource::Fsize, file << 20).map_err(failed)?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn confine(launch: &Launch) -> Result<(), String> {
    use super::{paths, quarantined_paths, rules, sockets};

    let told = |error: std::io::Error| error.to_string();
    let failed = |why: String| format!("the program cannot be confined: {why}");
    if launch.quarantine.is_some() {
        let mut permitted = quarantined_paths::permitted().map_err(told).map_err(failed)?;
        permitted.extend(exceptions(launch).map_err(failed)?);
        rules::apply(permitted).map_err(failed)?;
        sockets::close_all().map_err(failed)?;
        return rules::give_up_capabilities(rules::NONE).map_err(failed);
    }
    if !launch.is_confined {
        return Ok(());
    }
    let mut permitted = paths::permitted(&launch.protected).map_err(told).map_err(failed)?;
    permitted.extend(exceptions(launch).map_err(failed)?);
    rules::apply(permitted).map_err(failed)?;
    if !launch.has_sockets {
        sockets::close().map_err(failed)?;
    }
    // The change to another user removes root's capabilities, but needs them until it happens. So they are given up here only without such
    // a change.
    match launch.user {
        Some(_) => Ok(()),
        None => rules::give_up_capabilities(rules::FOR_FILES).map_err(failed),
    }
}

/// Opens the folders that the program may use although they are in a protected folder.
#[cfg(target_os = "linux")]
fn exceptions(launch: &Launch) -> Result<Vec<super::paths::Permitted>, String> {
    super::paths::exceptions(&launch.readable, &launch.writable).map_err(|error| error.to_string())
}

#[cfg(all(unix, not(target_os = "linux")))]
fn confine(launch: &Launch) -> Result<(), String> {
    match launch.is_confined || launch.quarantine.is_some() {
        true => Err("the program cannot be confined: this needs Linux".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_the_hidden_command_round_trip() {
        let child = ChildCommand {
            package: None,
            program: "x".to_owned(),
            arguments: vec!["--memory=1".to_owned(), "--".to_owned()],
            variables: Vec::new(),
            passed: Vec::new(),
            secrets: Vec::new(),
            folder: "/".into(),
            memory: Some(64),
            confinement: crate::config::Confinement {
                has_sockets: true,
                protected: vec!["/--".into(), "/s".into()],
                readable: vec!["/r".into()],
                writable: vec!["/w".into()],
                ..Default::default()
            },
        };
        let command = command(&child, Path::new("/bin/x"), Some(UserIds { user: 7, group: 8 }));
        let words = || command.get_args().map(OsString::from);
        if cfg!(not(unix)) {
            return;
        }
        assert_eq!(words().next().unwrap(), WORD);
        let is_confined = super::super::is_available();
        let expected = Launch {
            memory: Some(64),
            user: Some((7, 8)),
            is_confined,
            has_sockets: is_confined,
            protected: if is_confined { vec!["/--".into(), "/s".into()] } else { Vec::new() },
            readable: if is_confined { vec!["/r".into()] } else { Vec::new() },
            writable: if is_confined { vec!["/w".into()] } else { Vec::new() },
            quarantine: None,
            command: ["/bin/x", "--memory=1", "--"].map(OsString::from).to_vec(),
        };
        assert_eq!(Launch::parse(words().skip(1)), Some(expected));
        for words in [&["--"][..], &["--protect"], &["--unknown", "--", "x"], &["--memory=x", "--", "x"], &[]]
        {
            assert_eq!(Launch::parse(words.iter().map(OsString::from)), None, "{words:?}");
        }
    }
}
