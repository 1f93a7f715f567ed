//! Runs a gateway.

use std::process::ExitCode;

use clap::Parser as _;

use crate::builder::Gateway;
use crate::command_line::{Arguments, Command};
use crate::commands;
use crate::confinement;
use crate::failure::tell;

impl Gateway {
    /// Serves until the process ends. Call this function first in `main`, because the gateway starts the programs of connectors by
    /// executing this program again.
    pub fn serve(self) -> ExitCode {
        confinement::launch::run()
            .unwrap_or_else(|| run(Command::Serve { stdio: false, options: Vec::new() }, &self))
    }

    /// Runs the command line of this process, which has every command of `jackfield gateway`. Commands that edit gateway.toml need a
    /// gateway from [`open`](Self::open). Call this function first in `main`, like [`serve`](Self::serve).
    pub fn run(self) -> ExitCode {
        confinement::launch::run().unwrap_or_else(|| {
            jackfield_runtime::end_at_closed_pipe();
            let Arguments { config, command } = Arguments::parse();
            run(command, &self.or_file(config))
        })
    }
}

fn run(command: Command, gateway: &Gateway) -> ExitCode {
    commands::run(command, gateway).unwrap_or_else(|failure| {
        tell(&failure);
        ExitCode::from(2)
    })
}
