//! `jackfield man`: prints or writes man pages, one for each command.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap_mangen::Man;

use crate::Failure;

/// Arguments of `jackfield man`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  jackfield man ~/.local/share/man/man1\n  jackfield man | man -l -")]
pub(crate) struct Arguments {
    /// The folder for the pages of all commands [default: print the page of `jackfield`]
    folder: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, mut command: clap::Command) -> Result<ExitCode, Failure> {
    command.build();
    let failed =
        |place: &Path, error: io::Error| Failure::Other(format!("cannot write {}: {error}", place.display()));
    let Some(folder) = &arguments.folder else {
        let written = page(command).and_then(|page| io::stdout().lock().write_all(&page));
        written.map_err(|error| failed(Path::new("the page"), error))?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let commands = command.get_subcommands().filter(|it| it.get_name() != "help");
    for one in commands.chain([&command]) {
        let name = one.get_display_name().unwrap_or_else(|| one.get_name());
        let path = folder.join(format!("{name}.1"));
        let written = page(one.clone()).and_then(|page| std::fs::write(&path, page));
        written.map_err(|error| failed(&path, error))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn page(command: clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}
