//! Reads files of git revisions with the program `git`, without a shell. Hooks, filters and helpers of a repository are not run.

use std::io::{BufRead, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jackfield_build::model::{is_invisible, shell_quoted, visible_line};

use crate::Failure;

/// The maximum number of bytes of a list of files.
const MOST_LISTED: u64 = 64 << 20;
/// The maximum number of bytes in the name of a revision.
const LONGEST_NAME: usize = 256;

/// A commit: its name and its object ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revision {
    /// The name as the user wrote it.
    name: String,
    /// The object ID of the commit. Later commands use it, so that git interprets the name only once.
    commit: String,
}

/// A file of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The object ID of the content.
    pub(crate) blob: String,
    pub(crate) size: u64,
    /// The path from the root of the repository.
    pub(crate) path: PathBuf,
}

impl Revision {
    /// Finds the commit. Returns None if no commit has this name, or if this folder is not in a repository.
    ///
    /// # Errors
    /// Returns an error if the name could be an option of git.
    pub(crate) fn parse(name: &str) -> Result<Option<Self>, Failure> {
        if name.starts_with('-') {
            return Err(Failure::Other(format!(
                "{} is not a git revision: names of revisions do not begin with `-`",
                shell_quoted(&visible_line(name))
            )));
        }
        let is_plain = !name.is_empty()
            && name.len() <= LONGEST_NAME
            && !name.chars().any(|c| is_invisible(c) || c.is_whitespace() || "\\?*[:".contains(c));
        if !is_plain {
            return Ok(None);
        }
        let wanted = format!("{name}^{{commit}}");
        let found = output(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]);
        let Ok(found) = found else { return Ok(None) };
        let commit = String::from_utf8_lossy(&found).trim().to_owned();
        let is_commit = matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_hexdigit());
        Ok(is_commit.then(|| Self { name: name.to_owned(), commit }))
    }

    /// Returns the name as the user wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    /// Returns the files below a path from the root of the repository. An empty path is the root.
    ///
    /// # Errors
    /// Returns an error if git cannot list them.
    pub(crate) fn files(&self, below: &Path) -> Result<Vec<Entry>, Failure> {
        let below = slashed(below);
        let mut arguments =
            vec!["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", self.commit.as_str()];
        if !below.is_empty() {
            arguments.extend(["--", &below]);
        }
        let listed =
            output(&arguments).map_err(|why| Failure::Other(format!("cannot list {}: {why}", self.name)))?;
        Ok(listed.split(|byte| *byte == 0).filter_map(entry).collect())
    }
}

/// Parses a line of `ls-tree`: `100644 blob DIGITS SIZE<tab>PATH`. Returns None for links, submodules and paths that
/// lead out of the repository.
fn entry(line: &[u8]) -> Option<Entry> {
    let line = std::str::from_utf8(line).ok()?;
    let (about, path) = line.split_once('\t')?;
    let mut words = about.split_ascii_whitespace();
    let (mode, kind, blob, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if !mode.starts_with("100") || kind != "blob" {
        return None;
    }
    let is_plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && !part.eq_ignore_ascii_case(".git")
            && !part.contains(['\\', ':'])
    };
    path.split('/')
        .all(is_plain)
        .then(|| Some(Entry { blob: blob.to_owned(), size: size.parse().ok()?, path: PathBuf::from(path) }))?
}

/// Returns the contents of files, in the order of `entries`.
///
/// # Errors
/// Returns an error if git cannot read them.
pub(crate) fn contents(entries: &[Entry]) -> Result<Vec<Vec<u8>>, Failure> {
    let failure = |why: String| Failure::Other(format!("cannot read files of the revision: {why}"));
    let mut child = command(&["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failure(format!("git cannot be started: {error}")))?;
    let mut wanted = child.stdin.take().ok_or_else(|| failure("git has no input".to_owned()))?;
    let asked: String = entries.iter().map(|entry| format!("{}\n", entry.blob)).collect();
    // git writes answers while it reads requests, so both pipes have to be served at the same time.
    let writer = std::thread::spawn(move || wanted.write_all(asked.as_bytes()));
    let mut answers = child
        .stdout
        .take()
        .map(std::io::BufReader::new)
        .ok_or_else(|| failure("git has no output".to_owned()))?;
    let mut read = || -> std::io::Result<Vec<Vec<u8>>> {
        entries.iter().map(|entry| answer(&mut answers, entry)).collect()
    };
    let found = read();
    _ = child.kill();
    _ = child.wait();
    _ = writer.join();
    found.map_err(|error| failure(error.to_string()))
}

/// Reads an answer of `cat-file --batch`: `DIGITS blob SIZE`, the content, and a line break.
fn answer(from: &mut impl BufRead, entry: &Entry) -> std::io::Result<Vec<u8>> {
    let mut header = Vec::new();
    from.take(200).read_until(b'\n', &mut header)?;
    let header = String::from_utf8_lossy(&header);
    let expected = format!("{} blob {}", entry.blob, entry.size);
    if header.trim_end() != expected {
        return Err(std::io::Error::other(format!("git answered {:?}", header.trim_end())));
    }
    let mut content = Vec::new();
    from.take(entry.size).read_to_end(&mut content)?;
    let mut end = [0];
    from.read_exact(&mut end)?;
    Ok(content)
}

/// Returns the root of the repository that contains this folder, and the path of this folder in the repository.
///
/// # Errors
/// Returns an error if this folder is not in a repository.
pub(crate) fn place() -> Result<(PathBuf, PathBuf), Failure> {
    let read = |flag: &str| {
        let found = output(&["rev-parse", flag]);
        let found =
            found.map_err(|why| Failure::Other(format!("this folder is not in a git repository: {why}")))?;
        let text = String::from_utf8(found)
            .map_err(|_| Failure::Other("the path of this repository is not UTF-8".to_owned()))?;
        Ok::<_, Failure>(PathBuf::from(text.strip_suffix('\n').unwrap_or(&text)))
    };
    Ok((read("--show-toplevel")?, read("--show-prefix")?))
}

/// Reads the text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::Other(format!("cannot read {}: {error}", path.display())))
}

/// Returns a path with `/` between its parts, as git writes it.
fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    // With these settings, git does not treat file names as patterns, fetches nothing from another repository, and
    // starts no programs that the repository configures.
    command
        .args([
            "--no-pager",
            "--literal-pathspecs",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(arguments)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C");
    command
}

/// Runs git, and returns its output, or the first line of its error message.
fn output(arguments: &[&str]) -> Result<Vec<u8>, String> {
    let mut child = command(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("git cannot be started: {error}"))?;
    let stderr = child.stderr.take();
    let message = std::thread::spawn(move || {
        let mut text = String::new();
        _ = stderr.map(|stderr| stderr.take(4096).read_to_string(&mut text));
        text
    });
    let mut found = Vec::new();
    let read = child.stdout.take().map(|stdout| stdout.take(MOST_LISTED + 1).read_to_end(&mut found));
    if found.len() as u64 > MOST_LISTED {
        _ = child.kill();
        _ = child.wait();
        return Err("the revision has too many files: name a document or a folder, as in REV:PATH".to_owned());
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let message = message.join().unwrap_or_default();
    match read {
        Some(Ok(_)) if status.success() => Ok(found),
        Some(Err(error)) => Err(error.to_string()),
        _ => Err(visible_line(message.lines().next().unwrap_or("git failed")).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revision_that_begins_with_a_hyphen_is_refused() {
        for name in ["--upload-pack=touch x", "-h", "--output=x", "-"] {
            let Err(Failure::Other(why)) = Revision::parse(name) else { panic!("{name}") };
            assert!(why.contains("do not begin with `-`"), "{why}");
        }
    }

    #[test]
    fn name_with_invalid_characters_is_not_a_revision() {
        for name in ["", "a b", "HEAD\n", "HEAD:x", "*", "a\u{0}b", &"a".repeat(300)] {
            assert_eq!(Revision::parse(name).ok(), Some(None), "{name:?}");
        }
    }

    #[test]
    fn links_submodules_and_paths_out_of_the_repository_are_left_out() {
        let digits = "0123456789012345678901234567890123456789";
        let line = |about: &str, path: &str| entry(format!("{about}\t{path}").as_bytes());
        let file = format!("100644 blob {digits}      12");
        assert_eq!(
            line(&file, "a/b.yaml").map(|entry| (entry.size, entry.path)),
            Some((12, PathBuf::from("a/b.yaml")))
        );
        for path in [
            "../a.yaml",
            "a/../../b.yaml",
            "/etc/passwd",
            ".git/config",
            "a/.GIT/x",
            "a//b",
            "c:\\x",
            "a/./b",
        ] {
            assert_eq!(line(&file, path), None, "{path}");
        }
        assert_eq!(line(&format!("120000 blob {digits} 12"), "a.yaml"), None);
        assert_eq!(line(&format!("160000 commit {digits} -"), "a"), None);
    }
}
