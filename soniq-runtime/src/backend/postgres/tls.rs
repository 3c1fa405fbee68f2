//! TLS by rustls, as the URL's `sslmode` says.
//!
//! The glue between the driver and rustls is ours: the crate made for it brings a dozen others for
//! channel binding alone.

#[cfg(feature = "tls")]
pub(crate) use with_rustls::{Connector, connector};
#[cfg(not(feature = "tls"))]
pub(crate) use without::{Connector, connector};

#[cfg(not(feature = "tls"))]
mod without {
    use tokio_postgres::NoTls;
    use tokio_postgres::config::SslMode;

    use super::super::url::DatabaseUrl;
    use crate::error::Error;

    /// No TLS in this build.
    pub(crate) type Connector = NoTls;

    /// Fails when the URL insists on TLS.
    pub(crate) fn connector(url: &DatabaseUrl) -> Result<Connector, Error> {
        if url.config.get_ssl_mode() == SslMode::Require {
            return Err(Error::DatabaseUrl {
                reason: "it asks for TLS, and this program was built without soniq-runtime's \
                         feature `tls`"
                    .to_owned(),
            });
        }
        Ok(NoTls)
    }
}

#[cfg(feature = "tls")]
mod with_rustls {
    use std::future::Future;
    use std::io;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Poll};

    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{
        CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    };
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
    use tokio_postgres::Socket;
    use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
    use tokio_rustls::client::TlsStream as RustlsStream;

    use super::super::url::{DatabaseUrl, Verify};
    use crate::error::Error;

    /// Makes TLS connections to one server.
    #[derive(Clone)]
    pub(crate) struct Connector {
        config: Arc<ClientConfig>,
    }

    /// A connector for what the URL asks.
    pub(crate) fn connector(url: &DatabaseUrl) -> Result<Connector, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let bad = |reason: String| Error::DatabaseUrl { reason };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(format!("TLS cannot be set up: {error}")))?;
        let config = match url.verify {
            Verify::No => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Unverified { provider }))
                .with_no_client_auth(),
            Verify::Full => builder
                .with_root_certificates(roots(url)?)
                .with_no_client_auth(),
            Verify::Authority => {
                let full = WebPkiServerVerifier::builder_with_provider(
                    Arc::new(roots(url)?),
                    Arc::clone(&provider),
                )
                .build()
                .map_err(|error| bad(format!("its root certificates cannot be used: {error}")))?;
                builder
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(AnyName { full }))
                    .with_no_client_auth()
            }
        };
        Ok(Connector {
            config: Arc::new(config),
        })
    }

    fn roots(url: &DatabaseUrl) -> Result<RootCertStore, Error> {
        let bad = |reason: String| Error::DatabaseUrl { reason };
        let mut store = RootCertStore::empty();
        match url.root_cert.as_deref().filter(|path| *path != "system") {
            Some(path) => {
                let certs = CertificateDer::pem_file_iter(path)
                    .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                    .map_err(|error| {
                        bad(format!("sslrootcert {path:?} cannot be read: {error}"))
                    })?;
                for cert in certs {
                    store.add(cert).map_err(|error| {
                        bad(format!("sslrootcert {path:?} cannot be used: {error}"))
                    })?;
                }
            }
            None => {
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if store.is_empty() {
            return Err(bad(
                "it asks for a verified certificate, and no root certificate was found: name a \
                 PEM file with sslrootcert="
                    .to_owned(),
            ));
        }
        Ok(store)
    }

    impl MakeTlsConnect<Socket> for Connector {
        type Stream = Stream;
        type TlsConnect = Connect;
        type Error = io::Error;

        fn make_tls_connect(&mut self, host: &str) -> io::Result<Connect> {
            Ok(Connect {
                connector: tokio_rustls::TlsConnector::from(Arc::clone(&self.config)),
                host: host.to_owned(),
            })
        }
    }

    /// One handshake about to be made.
    pub(crate) struct Connect {
        connector: tokio_rustls::TlsConnector,
        /// Empty for a Unix socket, where a server never agrees to TLS.
        host: String,
    }

    impl TlsConnect<Socket> for Connect {
        type Stream = Stream;
        type Error = io::Error;
        type Future = Pin<Box<dyn Future<Output = io::Result<Stream>> + Send>>;

        fn connect(self, socket: Socket) -> Self::Future {
            Box::pin(async move {
                let name = ServerName::try_from(self.host).map_err(io::Error::other)?;
                let stream = self.connector.connect(name, socket).await?;
                Ok(Stream(Box::new(stream)))
            })
        }
    }

    /// An encrypted connection.
    pub(crate) struct Stream(Box<RustlsStream<Socket>>);

    impl TlsStream for Stream {
        fn channel_binding(&self) -> ChannelBinding {
            ChannelBinding::none()
        }
    }

    impl AsyncRead for Stream {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(context, buffer)
        }
    }

    impl AsyncWrite for Stream {
        fn poll_write(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(context, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(context)
        }

        fn poll_shutdown(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(context)
        }
    }

    /// `sslmode=require`: encrypted, and the server may be anyone. Signatures are still checked,
    /// so that the peer does hold the key of the certificate that it shows.
    #[derive(Debug)]
    struct Unverified {
        provider: Arc<CryptoProvider>,
    }

    impl ServerCertVerifier for Unverified {
        fn verify_server_cert(
            &self,
            _end_entity: &CertificateDer<'_>,
            _intermediates: &[CertificateDer<'_>],
            _server_name: &ServerName<'_>,
            _ocsp_response: &[u8],
            _now: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls12_signature(message, cert, signature, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls13_signature(message, cert, signature, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.provider
                .signature_verification_algorithms
                .supported_schemes()
        }
    }

    /// `sslmode=verify-ca`: a known authority signed the certificate, for whatever name.
    #[derive(Debug)]
    struct AnyName {
        full: Arc<WebPkiServerVerifier>,
    }

    impl ServerCertVerifier for AnyName {
        fn verify_server_cert(
            &self,
            end_entity: &CertificateDer<'_>,
            intermediates: &[CertificateDer<'_>],
            server_name: &ServerName<'_>,
            ocsp_response: &[u8],
            now: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            let verdict = self.full.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            );
            match verdict {
                Err(rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForName
                    | CertificateError::NotValidForNameContext { .. },
                )) => Ok(ServerCertVerified::assertion()),
                verdict => verdict,
            }
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            self.full.verify_tls12_signature(message, cert, signature)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            cert: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            self.full.verify_tls13_signature(message, cert, signature)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.full.supported_verify_schemes()
        }
    }
}
