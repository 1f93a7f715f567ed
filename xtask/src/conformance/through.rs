//! Runs the suite through the gateway. Scenarios that pass directly have to pass through the gateway too, for each
//! era of the client and of the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anstream::println;

use super::era::{Era, Only};
use super::expected::Expected;
use super::names::Names;
use super::relay::Relay;
use super::server::Server;
use super::suite::{Score, Suite};
use crate::bench::figure::{Bar, Figures};
use crate::failure::Failure;
use crate::place;
use crate::workspace_build;

/// The connector's name. It is short, because the gateway truncates names of more than 45 characters, and the suite
/// has a name of 40 characters.
const CONNECTOR: &str = "s";
/// The file with the scenarios that have to pass, and with the reasons of the other scenarios.
const EXPECTED: &str = "tests/suite_servers/through_gateway.txt";

pub(super) fn run(suite: &Suite, client: Option<Era>, server: Option<Era>) -> Result<ExitCode, Failure> {
    let (program, gateway) = build()?;
    let expected = fs::read_to_string(place::root().join(EXPECTED));
    let expected = expected.map_err(Failure::while_("reading the expected scenarios"))?;
    let chosen = |era: Option<Era>| Era::BOTH.into_iter().filter(move |it| era.is_none_or(|era| era == *it));
    let mut figures = Figures::default();
    for client in chosen(client) {
        let direct = {
            let upstream = Server::start(&program, "full")?;
            suite.run(upstream.url(), client.revision(), "direct")?
        };
        for server in chosen(server) {
            let cell = format!("{client} client, {server} server");
            let figure = |kind: &str| format!("conformance.through.{client}-{server}.{kind}");
            let upstream = Server::start(&program, "full")?;
            let one_era = Relay::start(upstream.url(), Box::new(Only(server)))?;
            let site = Site::new(&gateway, one_era.url())?;
            if let Err(why) = site.test()? {
                println!("{cell}: the gateway cannot use a server of this protocol era: {why}");
                figures.print(&figure("unlisted"), f64::INFINITY, Bar::AtMost(0.0));
                continue;
            }
            let gateway = site.serve()?;
            let named = Relay::start(gateway.url(), Box::new(Names(CONNECTOR)))?;
            let through = suite.run(named.url(), client.revision(), &format!("through-{server}"))?;
            let passed = |scores: &[Score]| scores.iter().filter(|score| score.problem.is_none()).count();
            println!(
                "{cell}: {} scenarios pass without the gateway, {} through it",
                passed(&direct),
                passed(&through)
            );
            let differences = Expected::of(&expected, &cell).differences(&direct, &through);
            for difference in &differences {
                println!("  {difference}");
            }
            // The list in EXPECTED has to equal the run: a missing scenario is a failure, and so is an additional scenario.
            figures.print(&figure("unlisted"), differences.len() as f64, Bar::AtMost(0.0));
        }
    }
    Ok(figures.exit())
}

/// Builds the server and the gateway, with the features of the whole workspace, as its tests have them.
fn build() -> Result<(PathBuf, PathBuf), Failure> {
    let program = workspace_build::build_debug("suite-servers")?;
    let gateway = workspace_build::build_debug("jackfield-gateway")?;
    Ok((program, gateway))
}

/// A folder with gateway.toml.
struct Site<'g> {
    gateway: &'g Path,
    folder: PathBuf,
}

impl<'g> Site<'g> {
    fn new(gateway: &'g Path, upstream: &str) -> Result<Self, Failure> {
        let folder = place::target().join("conformance/gateway");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(Failure::while_("making a folder"))?;
        let config = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"state\"\n\n[connectors.{CONNECTOR}]\nurl = \"{upstream}\"\n\n\
             [connectors.{CONNECTOR}.effects]\n\"*\" = \"read\"\n"
        );
        fs::write(folder.join("gateway.toml"), config).map_err(Failure::while_("writing gateway.toml"))?;
        Ok(Self { gateway, folder })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.gateway);
        command.args(words).current_dir(&self.folder).env("JACKFIELD_VAULT", self.folder.join("vault"));
        command
    }

    /// Runs the gateway's `test` command once. The inner error is the output of the gateway, if it cannot use the server.
    fn test(&self) -> Result<Result<(), String>, Failure> {
        let output = self.command(&["test", CONNECTOR]).stdin(Stdio::null()).output();
        let output = output.map_err(Failure::while_("starting the gateway"))?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        Ok(if output.status.success() { Ok(()) } else { Err(said) })
    }

    fn serve(&self) -> Result<Server, Failure> {
        Server::of(&mut self.command(&["serve", "--http-auth", "none", "--ask", "never"]))
    }
}
