//! `cargo xtask bench search DIR`: measures recall and time of the tool search over public sets of tools, compared with plain BM25.

mod bm25;
mod set;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use jackfield_runtime::{Encoder, Environment, SearchDocument, SearchIndex};

use self::set::{Query, Set};
use super::figure::{Bar, Figures};
use crate::failure::Failure;
use crate::release;

/// The number of tools in the index whose time is measured.
const TOOLS: usize = 10_000;
/// The maximum 99th percentile of the time of a search in that index, in milliseconds.
const MOST_MS: f64 = 1.0;
/// The number of times that each query is measured. The shortest time counts, because longer times include other work of the machine.
const ROUNDS: usize = 7;
/// The number of hits that a search returns, and for which recall is computed.
const HITS: usize = 5;
/// For each set, the minimum gain in recall over plain BM25, without and with an encoder.
const LEAST_GAINS: [(&str, f64, f64); 3] =
    [("metatool", 0.03, 0.15), ("mcpproxy-golden", -0.05, 0.10), ("stabletoolbench", 0.02, 0.02)];

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// A folder with NAME.tools.jsonl and NAME.queries.jsonl for each set
    folder: PathBuf,
    /// A folder with a sentence encoder (model.safetensors, tokenizer.json), to measure ranking by meaning too
    #[arg(long, value_name = "FOLDER")]
    encoder: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if !release::is_this() {
        return release::run_again();
    }
    let sets = set::read_all(&arguments.folder)?;
    let mut figures = Figures::default();
    let environment = Environment::of_process();
    let open = |folder: &PathBuf| Encoder::open(folder, &environment).map(Arc::new);
    let encoder =
        arguments.encoder.as_ref().map(open).transpose().map_err(|error| Failure::new(error.to_string()))?;
    for set in &sets {
        measure(set, encoder.as_ref(), &mut figures);
    }
    measure_time(&sets, &mut figures);
    Ok(figures.exit())
}

/// Prints the recall of plain BM25, of the word search, and of the word search with the encoder. Each is computed
/// over all queries, and over each half.
fn measure(set: &Set, encoder: Option<&Arc<Encoder>>, figures: &mut Figures) {
    let plain = bm25::Bm25::new(&set.tools);
    let plain = recalls(&set.queries, |query| plain.best(query, HITS));
    let documents = || set.tools.iter().map(|tool| tool.document.clone());
    let index = SearchIndex::new(documents());
    let words = recalls(&set.queries, |query| found(&index, query));
    let with_encoder = encoder.map(|encoder| {
        let index = SearchIndex::with_encoder(documents(), Arc::clone(encoder));
        recalls(&set.queries, |query| found(&index, query))
    });
    let times = set.queries.iter().map(|query| shortest(&index, query)).collect();
    let name = &set.name;
    let of_all = |values: &Vec<f64>| mean(values, |_| true);
    let shown = with_encoder.as_ref().map_or("-".to_owned(), |recalls| format!("{:.3}", of_all(recalls)));
    let (bm25, search) = (of_all(&plain), of_all(&words));
    println!("{name} recall@5 bm25 {bm25:.3} words {search:.3} encoder {shown} p99 {:.3}", percentile(times));
    let bars = LEAST_GAINS.iter().find(|(known, ..)| known == name);
    let bar = |gain: Option<f64>| gain.map_or(Bar::None, Bar::AtLeast);
    let ranked = [
        ("words", Some(&words), bars.map(|bars| bars.1)),
        ("encoder", with_encoder.as_ref(), bars.map(|bars| bars.2)),
    ];
    for (ranking, recalls, least) in ranked {
        let Some(recalls) = recalls else { continue };
        figures.print_fine(&format!("search.{name}.{ranking}_gain"), of_all(recalls) - bm25, bar(least));
        for (half, remainder) in [("even", 0), ("odd", 1)] {
            let in_half = |at: usize| at % 2 == remainder;
            let gain = mean(recalls, in_half) - mean(&plain, in_half);
            figures.print_fine(&format!("search.{name}.{ranking}_gain_{half}"), gain, Bar::None);
        }
    }
}

/// Returns the positions of the tools that a search finds.
fn found(index: &SearchIndex, query: &str) -> Vec<usize> {
    index.search(query, HITS, |_| true).into_iter().map(|hit| hit.document).collect()
}

/// Measures the time to build an index of many tools, and to search in it.
fn measure_time(sets: &[Set], figures: &mut Figures) {
    let documents = tiled(sets);
    if documents.is_empty() {
        return;
    }
    let started = Instant::now();
    let index = SearchIndex::new(documents);
    figures.print_fine("search.build_ms", started.elapsed().as_secs_f64() * 1e3, Bar::None);
    let times = sets.iter().flat_map(|set| &set.queries).map(|query| shortest(&index, query)).collect();
    figures.print_fine("search.p99_ms", percentile(times), Bar::AtMost(MOST_MS));
}

/// Returns the shortest time of a search, in milliseconds.
fn shortest(index: &SearchIndex, query: &Query) -> f64 {
    let time = |_| {
        let started = Instant::now();
        std::hint::black_box(index.search(&query.text, HITS, |_| true));
        started.elapsed().as_secs_f64() * 1e3
    };
    (0..ROUNDS).map(time).fold(f64::INFINITY, f64::min)
}

/// Returns the tools of all sets, repeated with separate groups until the index has `TOOLS` tools.
fn tiled(sets: &[Set]) -> Vec<SearchDocument> {
    let all: Vec<&SearchDocument> =
        sets.iter().flat_map(|set| &set.tools).map(|tool| &tool.document).collect();
    let copy = |at: usize| {
        let mut document = all[at % all.len()].clone();
        let round = at / all.len();
        document.name.push_str(&format!("_{round}"));
        document.group.push_str(&format!(" {round}"));
        document
    };
    if all.is_empty() { Vec::new() } else { (0..TOOLS).map(copy).collect() }
}

/// Returns, for each query, the share of the relevant tools that the search found.
fn recalls(queries: &[Query], mut search: impl FnMut(&str) -> Vec<usize>) -> Vec<f64> {
    let recall = |query: &Query| {
        let found = search(&query.text);
        let right = query.relevant.iter().filter(|tool| found.contains(tool)).count();
        right as f64 / query.relevant.len() as f64
    };
    queries.iter().map(recall).collect()
}

fn mean(values: &[f64], counts: impl Fn(usize) -> bool) -> f64 {
    let counted: Vec<f64> =
        values.iter().enumerate().filter(|(at, _)| counts(*at)).map(|(_, value)| *value).collect();
    counted.iter().sum::<f64>() / counted.len().max(1) as f64
}

/// Returns the 99th percentile.
fn percentile(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() * 99).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recall_is_the_share_of_the_relevant_tools_that_were_found() {
        let query = |relevant: &[usize]| Query { text: String::new(), relevant: relevant.to_vec() };
        let found = recalls(&[query(&[1, 2]), query(&[7])], |_| vec![2, 3, 4]);
        assert_eq!(found, [0.5, 0.0]);
        assert_eq!(
            [mean(&found, |_| true), mean(&found, |at| at == 1), mean(&[], |_| true)],
            [0.25, 0.0, 0.0]
        );
    }

    #[test]
    fn percentile_is_one_of_the_measured_values() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!([percentile(values), percentile(vec![3.0]), percentile(Vec::new())], [198.0, 3.0, 0.0]);
    }
}
