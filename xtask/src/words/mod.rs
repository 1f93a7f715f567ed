//! `cargo xtask words`: prints a random sample of comments, test names, messages and docs, and sentences that are
//! likely to need a second reading.

mod pattern;
mod text;

use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::failure::Failure;
use crate::place;
use crate::sample::sample;
use text::{Kind, Text};

#[derive(clap::Args, Debug)]
pub(crate) struct Words {
    /// The seed of the random sample; the same seed gives the same sample
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many items to print, divided evenly among the kinds
    #[arg(long, default_value_t = 60)]
    sample: usize,
    /// Show every match of a pattern instead of the first few
    #[arg(long)]
    all: bool,
}

/// The maximum number of matches that are shown for a pattern.
const SHOWN: usize = 5;

pub(crate) fn run(words: &Words) -> Result<ExitCode, Failure> {
    let texts = texts()?;
    print(words, &texts, &mut BufWriter::new(io::stdout().lock()))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the sample and the sentences. If a reader such as `head` closes the pipe early, this is not an error.
fn print(words: &Words, texts: &[(PathBuf, Text)], out: &mut impl Write) -> Result<(), Failure> {
    match write(words, texts, out) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::while_("printing the sample")),
    }
}

fn write(words: &Words, texts: &[(PathBuf, Text)], out: &mut impl Write) -> io::Result<()> {
    for (kind, count) in Kind::ALL.into_iter().zip(shares(words.sample)) {
        let of_kind: Vec<&(PathBuf, Text)> = texts.iter().filter(|(_, text)| text.kind == kind).collect();
        let all = of_kind.len();
        let chosen = sample(of_kind, words.seed, count);
        writeln!(out, "\n{} of {all} {}", chosen.len(), kind.plural())?;
        for (path, text) in chosen {
            writeln!(out, "{}:{}: {}", path.display(), text.line, text.text)?;
        }
    }
    writeln!(out, "\nsentences like")?;
    for (at, known) in pattern::ALL.iter().enumerate() {
        let found: Vec<(&PathBuf, usize, &str)> = texts
            .iter()
            .flat_map(|(path, text)| pattern::sentences(&text.text).map(move |it| (path, text.line, it)))
            .filter(|(_, _, sentence)| pattern::of(sentence).any(|it| it == at))
            .collect();
        writeln!(out, "{:6} {} (instead: {})", found.len(), known.name, known.instead)?;
        let shown = if words.all { found.len() } else { SHOWN };
        for (path, line, sentence) in found.into_iter().take(shown) {
            writeln!(out, "       {}:{line}: {sentence}", path.display())?;
        }
    }
    out.flush()
}

/// Returns the number of items of each kind in a sample. If the sample cannot be divided evenly, the first kinds get one more item.
fn shares(sample: usize) -> [usize; Kind::ALL.len()] {
    let (each, left) = (sample / Kind::ALL.len(), sample % Kind::ALL.len());
    std::array::from_fn(|at| each + usize::from(at < left))
}

/// Reads every text of the files that git tracks, except generated files.
fn texts() -> Result<Vec<(PathBuf, Text)>, Failure> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(place::root()).output();
    let listed = listed.map_err(Failure::while_("listing the files of the repository"))?;
    if !listed.status.success() {
        let why = String::from_utf8_lossy(&listed.stderr);
        return Err(Failure::new(format!("`git ls-files` failed ({}): {}", listed.status, why.trim())));
    }
    let mut texts = Vec::new();
    for path in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        if path.components().any(|part| ["generated", "snapshots"].iter().any(|it| part.as_os_str() == *it)) {
            continue;
        }
        let Ok(content) = fs::read_to_string(place::root().join(&path)) else { continue };
        texts.extend(text::of(&path, &content).into_iter().map(|text| (path.clone(), text)));
    }
    if texts.is_empty() {
        return Err(Failure::new("git tracks no files with texts in this repository"));
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that behaves like a pipe whose reader has exited, as after `| head -n 1`.
    struct ClosedPipe;

    impl Write for ClosedPipe {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn closed_pipe_ends_the_list_without_an_error() {
        let words = Words { seed: 1, sample: 60, all: true };
        assert!(write(&words, &[], &mut ClosedPipe).is_err());
        assert!(print(&words, &[], &mut ClosedPipe).is_ok());
    }

    #[test]
    fn shares_of_all_kinds_add_up_to_the_sample_size() {
        assert_eq!(shares(60), [15; 4]);
        assert_eq!(shares(3), [1, 1, 1, 0]);
        assert_eq!((0..50).find(|sample| shares(*sample).iter().sum::<usize>() != *sample), None);
    }
}
