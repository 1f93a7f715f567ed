//! `cargo xtask bench instructions`: counts the instructions of one call through a connector over stdio, with
//! valgrind. Unlike a time, this count does not depend on other work of the machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tokio::process::Command;

use super::build::checkout::Checkout;
use super::call::drive::Piped;
use super::call::upstream;
use super::figure::{Bar, Figures, median};
use crate::failure::Failure;
use crate::place;
use crate::workspace_build::{Profile, build_in};

/// The numbers of calls in the two runs. The difference between the runs is measured.
const CALLS: [usize; 2] = [96, 416];
/// The number of rounds. Each figure is the median over the rounds.
const ROUNDS: usize = 3;
/// The maximum number of instructions of a call, as a ratio to the number in the earlier commit.
const MOST: f64 = 1.03;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Compare with the connector of this commit
    #[arg(long, value_name = "COMMIT")]
    base: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let has_valgrind = std::process::Command::new("valgrind").arg("--version").output().is_ok();
    if !has_valgrind {
        return Err(Failure::new("valgrind is not installed: apt-get install valgrind"));
    }
    let folder = place::target().join("bench/instructions");
    std::fs::create_dir_all(&folder).map_err(Failure::while_("making the bench folder"))?;
    let base = match &arguments.base {
        Some(commit) => {
            let checkout = Checkout::of(commit, folder.join("checkout"))?;
            Some(build(checkout.folder(), folder.join("base"))?)
        }
        None => None,
    };
    let own = build(&place::root(), folder.join("own"))?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::while_("starting tokio"))?;
    runtime.block_on(measure(&own, base.as_deref(), &folder))
}

async fn measure(own: &Path, base: Option<&Path>, folder: &Path) -> Result<ExitCode, Failure> {
    let upstream = upstream::start().await?;
    let mut figures = Figures::default();
    for at_once in [1, 32] {
        let name = format!("instructions.{at_once}");
        let now = of_a_call(own, &upstream, at_once, folder).await?;
        figures.print(&format!("{name}.connector"), now, Bar::None);
        if let Some(base) = base {
            let then = of_a_call(base, &upstream, at_once, folder).await?;
            figures.print(&format!("{name}.base"), then, Bar::None);
            figures.print_fine(&format!("{name}.ratio"), now / then, Bar::AtMost(MOST));
        }
    }
    Ok(figures.exit())
}

/// Returns the number of instructions of one call.
async fn of_a_call(connector: &Path, upstream: &str, at_once: usize, folder: &Path) -> Result<f64, Failure> {
    let [few, many] = CALLS;
    let mut counts = Vec::new();
    for _ in 0..ROUNDS {
        let first = counted(connector, upstream, few, at_once, folder).await?;
        let second = counted(connector, upstream, many, at_once, folder).await?;
        counts.push((second - first) / (many - few) as f64);
    }
    Ok(median(counts))
}

/// Returns the number of instructions of a run with `count` calls.
async fn counted(
    connector: &Path,
    upstream: &str,
    calls: usize,
    at_once: usize,
    folder: &Path,
) -> Result<f64, Failure> {
    let log = folder.join("valgrind.log");
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--log-file={}", log.display()))
        .arg(connector)
        .arg("serve")
        .env("BOOKSHOP_BASE_URL", format!("{upstream}/v1"))
        .env("BOOKSHOP_ORIGINS", upstream)
        .env("BOOKSHOP_TOKEN", "token-of-the-shop")
        .env("TOKIO_WORKER_THREADS", "1")
        // An empty folder replaces the user's vault.
        .env("JACKFIELD_VAULT", folder.join("vault"));
    let mut pipe = Piped::start(command).await?;
    pipe.calls(calls, at_once).await?;
    pipe.end().await?;
    let text = std::fs::read_to_string(&log).map_err(Failure::while_("reading the log of valgrind"))?;
    let count = text.lines().find_map(|line| line.split_once("Collected :"));
    let count = count.and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| Failure::new(format!("valgrind printed no count: {text}")))
}

/// Builds the bookshop's connector of a checkout in release, and copies the program. All checkouts share the compiled dependencies.
fn build(checkout: &Path, copy: PathBuf) -> Result<PathBuf, Failure> {
    let built = build_in(checkout, &["--package", "bookshop-mcp"], "bookshop-mcp", Profile::Release)?;
    std::fs::copy(built, &copy).map_err(Failure::while_("copying the connector"))?;
    Ok(copy)
}
