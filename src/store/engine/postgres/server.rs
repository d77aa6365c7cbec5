//! The way to a server: where it is, how to sign in, and whose certificate is believed.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Config, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::runtime::within;
use crate::config::{ServerAddress, ServerEncryption};
use crate::domain::plural::counted;
use crate::store::StoreError;

/// How long one address of a server is tried. A name may have two, and a machine that is gone says nothing at all.
const ONE_ADDRESS: Duration = Duration::from_secs(2);
/// How long signing in may take, once somebody answers.
const LONGEST: Duration = Duration::from_secs(10);
/// A server that is gone without a word is noticed after these: nobody waits longer for an answer that cannot come.
const QUIET_FOR: Duration = Duration::from_secs(10);
const ASKED_EVERY: Duration = Duration::from_secs(5);
const ASKED_TIMES: u32 = 2;
const UNHEARD_FOR: Duration = Duration::from_secs(20);

/// A database on a server.
#[derive(Clone)]
pub(in crate::store) struct Server {
    config: Arc<Config>,
    tls: Option<MakeRustlsConnect>,
    shown: String,
}

impl fmt::Debug for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Server({})", self.shown)
    }
}

impl Server {
    /// Reads an address.
    ///
    /// # Errors
    /// `StoreError` when the address or a file that it names cannot be read.
    pub(in crate::store) fn of(address: &ServerAddress) -> Result<Server, StoreError> {
        let mut config = Config::from_str(address.expose())
            .map_err(|error| StoreError::database("the address of the database cannot be read", error))?;
        let tls = match &address.encryption {
            ServerEncryption::None => None,
            ServerEncryption::Checked(roots) => Some(tls(roots.as_deref())?),
        };
        config
            .ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable })
            .application_name("cpe-portal")
            // a standby answers questions, too, with what was true a while ago
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .connect_timeout(ONE_ADDRESS)
            .keepalives_idle(QUIET_FOR)
            .keepalives_interval(ASKED_EVERY)
            .keepalives_retries(ASKED_TIMES)
            .tcp_user_timeout(UNHEARD_FOR);
        Ok(Server { config: Arc::new(config), tls, shown: address.to_string() })
    }

    /// Server and database, as a person may read them.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Goes there and signs in.
    ///
    /// # Errors
    /// `StoreError` when the server does not answer, is not who it says it is, or lets nobody in.
    pub(super) fn sign_in(&self) -> Result<AsyncPgConnection, StoreError> {
        match &self.tls {
            None => self.sign_in_with(NoTls),
            Some(tls) => self.sign_in_with(tls.clone()),
        }
    }

    fn sign_in_with<T>(&self, tls: T) -> Result<AsyncPgConnection, StoreError>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Unpin + Send + 'static,
    {
        let cannot =
            |why: String| StoreError::of_cause("", format!("{} cannot be reached: {why}", self.shown));
        let hosts = u32::try_from(self.config.get_hosts().len()).unwrap_or(u32::MAX);
        let longest = ONE_ADDRESS.saturating_mul(hosts.saturating_mul(2)).saturating_add(LONGEST);
        let late =
            |_| cannot(format!("no answer within {}", counted(longest.as_secs(), "second", "seconds")));
        let reached = within(longest, self.config.connect(tls)).map_err(late)?;
        // the cause says what is wrong, the error itself only at which step
        let (client, connection) = reached.map_err(|error| cannot(in_full(&error)))?;
        within(LONGEST, AsyncPgConnection::try_from_client_and_connection(client, connection))
            .map_err(late)?
            .map_err(|error| cannot(error.to_string()))
    }
}

/// An error with what caused it.
fn in_full(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) if !error.to_string().contains(&cause.to_string()) => {
            format!("{error}: {}", in_full(cause))
        }
        _ => error.to_string(),
    }
}

/// What is believed of a server's certificate: the public authorities, and those in a file.
fn tls(roots_file: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = roots_file {
        let cannot = |why: String| {
            StoreError::database("", format!("the certificates in {} cannot be read: {why}", file.display()))
        };
        let certificates = CertificateDer::pem_file_iter(file).map_err(|error| cannot(error.to_string()))?;
        let before = roots.len();
        for certificate in certificates {
            let certificate = certificate.map_err(|error| cannot(error.to_string()))?;
            roots.add(certificate).map_err(|error| cannot(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(cannot("there is none".to_owned()));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::database("", error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
