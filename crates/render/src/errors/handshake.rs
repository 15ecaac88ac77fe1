//! Explanations of errors while a connection to a database is opened, and of prepared statements.

use super::explanation::ErrorExplanation;

/// The more specific errors come first.
pub(super) const HANDSHAKE: [ErrorExplanation; 6] = [
    ErrorExplanation {
        signs: &[
            "Server does not support secure connection",
            "HANDSHAKE_NO_SSL_SUPPORT",
            "The server does not support SSL connections",
        ],
        means: "the program asks for TLS, and the database has none",
        look_at: "the option ssl of the connection, have_ssl of the database, a proxy in between",
    },
    ErrorExplanation {
        signs: &[
            "require_secure_transport=ON",
            "--require_secure_transport",
            "ER_SECURE_TRANSPORT_REQUIRED",
            "errno 3159",
            "no pg_hba.conf entry for host",
        ],
        means: "the database takes no connections of this kind: most often those without TLS",
        look_at: "the option ssl of the connection, require_secure_transport (MySQL), pg_hba.conf or rds.force_ssl (PostgreSQL)",
    },
    ErrorExplanation {
        signs: &[
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "SELF_SIGNED_CERT_IN_CHAIN",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            "self-signed certificate",
            "self signed certificate",
            "unable to verify the first certificate",
            "unable to get local issuer certificate",
        ],
        means: "the program does not know the authority that signed the certificate of the other side",
        look_at: "ssl.ca of the connection (RDS: its bundle of certificates), NODE_EXTRA_CA_CERTS",
    },
    ErrorExplanation {
        signs: &["CERT_HAS_EXPIRED", "certificate has expired", "ERR_TLS_CERT_ALTNAME_INVALID"],
        means: "the certificate of the other side is out of date, or is for another host",
        look_at: "its dates and names (`openssl s_client -connect HOST:PORT`), the clock of this host",
    },
    ErrorExplanation {
        signs: &[
            "Client does not support authentication protocol requested by server",
            "ER_NOT_SUPPORTED_AUTH_MODE",
            "AUTH_SWITCH_PLUGIN_ERROR",
            "errno 1251",
            "Server requests authentication using unknown plugin",
        ],
        means: "the driver does not know the way in which this user has to log in",
        look_at: "the user's plugin (caching_sha2_password needs mysql2, not mysql), the version of the driver",
    },
    ErrorExplanation {
        signs: &["Incorrect arguments to mysqld_stmt_execute"],
        means: "a prepared statement got a value of another type, or another number of values, than it has places",
        look_at: "numbers for LIMIT and OFFSET in execute() (MySQL 8.0.22 takes them as strings), the number of values; query() has neither limit",
    },
];
