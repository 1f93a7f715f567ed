//! `cargo xtask bench gateway`: calls a fast server directly, through our gateway, and through other gateways. Then
//! measures our gateway with many servers and agents.

mod contestant;
mod contextforge;
mod echo;
mod mcp_proxy;
mod own;
mod session;
mod size;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use tokio::process::Command;

use super::call::started;
use super::figure::{Bar, Figures, median};
use crate::failure::Failure;
use crate::release;
use contestant::Contestant;
pub(crate) use echo::{Echo, run as run_echo};
use session::{Place, Round, round};

/// The number of rounds. Each round measures every contestant, and each figure is the median over the rounds.
const ROUNDS: usize = 5;
/// The time for which each contestant is called in each round.
const LASTING: Duration = Duration::from_millis(700);
const AT_ONCE: [usize; 3] = [1, 8, 32];
/// The minimum throughput of our gateway, as a ratio to the throughput of the better of the other gateways.
const CALLS: f64 = 1.2;
/// The maximum time that our gateway adds to a call, as a ratio to the time that the better of the other gateways adds.
const ADDED: f64 = 0.8;
/// The minimum throughput with tokens, rights, limits and audit, as a ratio to the throughput without them.
const SHARE_FULL: f64 = 0.75;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Measure only this part
    #[arg(long)]
    only: Option<Part>,
    /// Measure this program, instead of building it first
    #[arg(long, value_name = "PROGRAM")]
    gateway: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Calls, compared with other gateways
    Calls,
    /// Memory, lists and processes, with many servers and agents
    Size,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if !release::is_this() {
        return release::run_again();
    }
    let gateway = match &arguments.gateway {
        Some(program) => program.canonicalize().map_err(Failure::while_("finding the gateway"))?,
        None => own::build()?,
    };
    let has = |part| arguments.only.is_none_or(|only| only == part);
    let others = match has(Part::Calls) {
        true => Some((mcp_proxy::install()?, contextforge::install()?)),
        false => None,
    };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::while_("starting tokio"))?;
    runtime.block_on(async {
        let mut figures = Figures::default();
        if let Some(others) = others {
            calls(&gateway, others, &mut figures).await?;
        }
        if has(Part::Size) {
            size::measure(&gateway, &mut figures).await?;
        }
        Ok(figures.exit())
    })
}

async fn calls(gateway: &Path, others: (PathBuf, PathBuf), figures: &mut Figures) -> Result<(), Failure> {
    let itself = std::env::current_exe().map_err(Failure::while_("finding the path of this program"))?;
    let mut upstream = Command::new(itself);
    upstream.args(["bench", "echo", "--http"]);
    let (posted, _upstream) = started(upstream, None).await?;
    let url = posted.url();
    let direct = Place { url: url.to_owned(), bearer: None, tool: "echo".to_owned() };
    let contestants = [
        Contestant { name: "direct", place: direct, process: None },
        own::plain(gateway, url).await?,
        own::full(gateway, url).await?,
        mcp_proxy::start(others.0, url).await?,
        contextforge::start(others.1, url).await?,
    ];
    println!("# full: with the token and the rights of an agent, limits, and audit of reads");
    for at_once in AT_ONCE {
        let mut rounds: [Vec<Round>; 5] = Default::default();
        for number in 0..=ROUNDS {
            for turn in 0..contestants.len() {
                // The order changes with each round, because the machine's speed drifts.
                let at = (turn + number) % contestants.len();
                let measured = round(&contestants[at].place, at_once, LASTING).await?;
                // The first round warms up.
                rounds[at].extend((number > 0).then_some(measured));
            }
        }
        report(figures, at_once, &contestants, &rounds);
    }
    Ok(())
}

/// Prints the figures for `at_once` concurrent calls. Each ratio compares values of the same round.
fn report(figures: &mut Figures, at_once: usize, contestants: &[Contestant; 5], rounds: &[Vec<Round>; 5]) {
    let name = format!("gateway.{at_once}");
    for (contestant, rounds) in contestants.iter().zip(rounds) {
        let calls = rounds.iter().map(|round| round.calls_per_second).collect();
        figures.print(&format!("{name}.{}_per_s", contestant.name), median(calls), Bar::None);
        let p50 = rounds.iter().map(|round| round.p50_us).collect();
        figures.print(&format!("{name}.{}_p50_us", contestant.name), median(p50), Bar::None);
    }
    let each = |value: &dyn Fn([Round; 5]) -> f64| {
        let [direct, own, full, proxy, forge] = rounds;
        let rounds = direct.iter().zip(own).zip(full).zip(proxy).zip(forge);
        median(rounds.map(|((((a, b), c), d), e)| value([*a, *b, *c, *d, *e])).collect())
    };
    let share = each(&|[direct, own, ..]| own.calls_per_second / direct.calls_per_second);
    figures.print(&format!("{name}.share_of_direct"), share, Bar::None);
    let share = each(&|[direct, _, _, proxy, _]| proxy.calls_per_second / direct.calls_per_second);
    figures.print(&format!("{name}.mcp-proxy_share_of_direct"), share, Bar::None);
    let added = each(&|[direct, own, ..]| own.p50_us - direct.p50_us);
    figures.print(&format!("{name}.added_p50_us"), added, Bar::None);
    let ratio = each(&|[_, own, _, proxy, forge]| {
        own.calls_per_second / proxy.calls_per_second.max(forge.calls_per_second)
    });
    figures.print(&format!("{name}.calls_to_the_better"), ratio, Bar::AtLeast(CALLS));
    let ratio = each(&|[direct, own, _, proxy, forge]| {
        (own.p50_us - direct.p50_us) / (proxy.p50_us.min(forge.p50_us) - direct.p50_us)
    });
    figures.print(&format!("{name}.added_p50_to_the_better"), ratio, Bar::AtMost(ADDED));
    let ratio = each(&|[_, own, full, ..]| full.calls_per_second / own.calls_per_second);
    figures.print(&format!("{name}.full_share"), ratio, Bar::AtLeast(SHARE_FULL));
}
