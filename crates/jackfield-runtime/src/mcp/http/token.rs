//! The bearer token that all clients of an HTTP server share.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jackfield_recipe::file_variable;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::auth::random_text;
use crate::common::environment::{Environment, Setting};
use crate::common::secret::Secret;
use crate::mcp::error::{ServeError, ServeFault, TokenFault, TokenSource};

/// The minimum length of a token. Shorter tokens can be guessed.
const SHORTEST: usize = 20;

/// The maximum size of a token file. A longer file is not a token file.
const LONGEST: u64 = 4096;

/// A token and its source.
pub struct HttpToken {
    secret: Secret,
    source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The token was generated for this process, so it has to be shown to the user.
    Made,
    Variable(String),
    File(PathBuf),
}

impl HttpToken {
    /// Generates a token.
    ///
    /// # Errors
    /// Returns an error if the system has no random bytes.
    pub fn random() -> Result<Self, ServeError> {
        Ok(Self { secret: random_text().map_err(|_| ServeFault::NoRandomNumbers)?, source: Source::Made })
    }

    /// Finds the token in `file` if it is given, or else in `<CONNECTOR>_HTTP_TOKEN`, or else in the file that
    /// `<CONNECTOR>_HTTP_TOKEN_FILE` names. If none of them is set, generates a token.
    ///
    /// # Errors
    /// Returns an error if other users can access the file, or if its content is not a token.
    pub(crate) fn find(
        file: Option<&Path>,
        connector: &str,
        environment: &Environment,
    ) -> Result<Self, ServeError> {
        let own = Setting::HttpToken.variable(connector);
        let named = file_variable(&own);
        if let Some(file) = file {
            return Self::of_file(file);
        }
        if let Some(text) = environment.get(&own) {
            check(&text).map_err(|fault| ServeFault::Token(TokenSource::Variable(own.clone()), fault))?;
            return Ok(Self { secret: Secret::new(text), source: Source::Variable(own) });
        }
        environment.get(&named).map_or_else(Self::random, |file| Self::of_file(Path::new(&file)))
    }

    /// Reads the token from a file. If the file does not exist, creates it with a new token. Only the operating system user of this process
    /// can read the new file.
    ///
    /// # Errors
    /// Returns an error if other users can access the file, or if its content is not a token.
    pub fn of_file(path: &Path) -> Result<Self, ServeError> {
        let refused = |fault| ServeFault::Token(TokenSource::File(path.to_owned()), fault);
        let failed = |error: io::Error| refused(TokenFault::Unreadable(error.into()));
        let secret = match open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(path).map_err(|error| refused(TokenFault::NotMade(error.into())))?
            }
            Err(error) => return Err(failed(error).into()),
            Ok(file) => {
                check_access(&file).map_err(refused)?;
                let mut text = Zeroizing::new(String::new());
                file.take(LONGEST).read_to_string(&mut text).map_err(failed)?;
                let text = text.trim();
                check(text).map_err(refused)?;
                Secret::new(text.to_owned())
            }
        };
        Ok(Self { secret, source: Source::File(path.to_owned()) })
    }

    /// Whether a request contains the token. The comparison takes the same time for every wrong token.
    pub(super) fn is_shown_in(&self, headers: &HeaderMap) -> bool {
        let mut fields = headers.get_all(AUTHORIZATION).iter();
        let (Some(field), None) = (fields.next(), fields.next()) else { return false };
        let Some((scheme, given)) = field.as_bytes().split_at_checked("Bearer ".len()) else { return false };
        let digest = |text: &[u8]| digest(&SHA256, text);
        scheme.eq_ignore_ascii_case(b"Bearer ")
            && digest(given.trim_ascii()).as_ref().ct_eq(digest(self.text().as_bytes()).as_ref()).into()
    }

    pub(super) const fn source(&self) -> &Source {
        &self.source
    }

    /// Returns the token as text, for a program that starts both a server and its client.
    pub fn text(&self) -> &str {
        self.secret.expose()
    }
}

fn check(text: &str) -> Result<(), TokenFault> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    if text.len() < SHORTEST {
        return Err(TokenFault::Short { shortest: SHORTEST });
    }
    match text.bytes().all(is_token) {
        true => Ok(()),
        false => Err(TokenFault::Character),
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // The path may be a pipe, and opening it must not block.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

fn create(path: &Path) -> io::Result<Secret> {
    let secret = random_text().map_err(io::Error::other)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    let line = Zeroizing::new(format!("{}\n", secret.expose()));
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all())?;
    Ok(secret)
}

/// Refuses a file that other users can read or may have written. The open file is examined instead of the path,
/// because another file could take its path meanwhile.
#[cfg(unix)]
fn check_access(file: &File) -> Result<(), TokenFault> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = file.metadata().map_err(|error| TokenFault::Unreadable(error.into()))?;
    if !metadata.is_file() {
        return Err(TokenFault::NoFile);
    }
    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() != own {
        return Err(TokenFault::OfOtherUser { owner: metadata.uid(), own });
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(TokenFault::OpenToOthers { mode: metadata.mode() & 0o777 });
    }
    Ok(())
}

/// Accepts every file, because on other systems only the user can read the files in the user's profile.
#[cfg(not(unix))]
fn check_access(_: &File) -> Result<(), TokenFault> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(AUTHORIZATION, field.parse().unwrap());
        }
        headers
    }

    #[test]
    fn request_without_exact_token_is_refused() {
        let token = HttpToken::random().unwrap();
        let text = token.text();
        let right = format!("Bearer {text}");
        assert!(token.is_shown_in(&headers(&[&right])));
        assert!(token.is_shown_in(&headers(&[&format!("bearer  {text} ")])));
        for wrong in [
            &[][..],
            &[""],
            &["Bearer"],
            &["Bearer "],
            &[text],
            &[&right[..40]],
            &[&format!("{right}x")],
            &[&right, &right],
        ] {
            assert!(!token.is_shown_in(&headers(wrong)), "{wrong:?}");
        }
        assert!(!token.is_shown_in(&headers(&[&format!("Basic {text}")])));
    }

    #[test]
    fn server_token_is_read_from_the_flag_before_the_variables() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        let environment = Environment::of([
            ("SHOP_HTTP_TOKEN", "a-token-of-the-environment"),
            ("SHOP_HTTP_TOKEN_FILE", other.to_str().unwrap()),
        ]);
        let only_file = Environment::of([("SHOP_HTTP_TOKEN_FILE", other.to_str().unwrap())]);
        let source = |file, environment| HttpToken::find(file, "shop", environment).unwrap().source().clone();
        assert_eq!(source(Some(&one), &environment), Source::File(one.clone()));
        assert_eq!(source(None, &environment), Source::Variable("SHOP_HTTP_TOKEN".to_owned()));
        assert_eq!(source(None, &only_file), Source::File(other));
        assert_eq!(source(None, &Environment::of::<&str, &str>([])), Source::Made);
        let weak = Environment::of([("SHOP_HTTP_TOKEN", "hunter2")]);
        let why = HttpToken::find(None, "shop", &weak).err().unwrap().to_string();
        assert!(why.contains("SHOP_HTTP_TOKEN") && !why.contains("hunter2"), "{why}");
    }

    #[cfg(unix)]
    #[test]
    fn token_file_that_other_users_can_access_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my token");
        let made = HttpToken::of_file(&path).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), made.text().len()), (0o600, 43));
        assert!(HttpToken::of_file(&path).unwrap().text() == made.text());
        for open in [0o640, 0o604, 0o620, 0o644] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(open)).unwrap();
            let why = HttpToken::of_file(&path).err().unwrap().to_string();
            assert!(
                why.contains("other users can read") && why.contains("rm '") && !why.contains(made.text()),
                "{why}"
            );
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        for text in ["", "short", "a token with spaces in it", "a-token-with-two\nlines-in-it"] {
            std::fs::write(&path, text).unwrap();
            assert!(HttpToken::of_file(&path).is_err(), "{text}");
        }
        assert!(HttpToken::of_file(folder.path()).is_err());
    }
}
