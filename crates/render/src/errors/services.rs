//! Explanations of errors from clients of HTTP and gRPC, of brokers, of MongoDB and of AWS. The facts hold for
//! undici 7, axios 1, got 14, grpc-js 1, BullMQ 6, Mongoose 9 and the AWS SDK 3.

use super::explanation::ErrorExplanation;

/// The explanations; the more specific errors come first.
pub(super) const SERVICES: [ErrorExplanation; 13] = [
    ErrorExplanation {
        signs: &["UND_ERR_SOCKET", "other side closed"],
        means: "the other side closed the connection while a request was under way on it",
        look_at: "restarts and crashes of the other side, keep-alive times (the client's must be shorter than the server's), proxies in between",
    },
    ErrorExplanation {
        signs: &["UND_ERR_CONNECT_TIMEOUT", "ConnectTimeoutError"],
        means: "fetch or undici could not open a connection within its limit, 10 s by default",
        look_at: "the network (security groups, address, port), an event loop that was blocked meanwhile, the `connect` option of the Agent",
    },
    ErrorExplanation {
        signs: &[
            "UND_ERR_HEADERS_TIMEOUT",
            "HeadersTimeoutError",
            "UND_ERR_BODY_TIMEOUT",
            "BodyTimeoutError",
        ],
        means: "the other side did not answer, or did not go on with its answer, within headersTimeout or bodyTimeout of undici",
        look_at: "the other side under this load, headersTimeout and bodyTimeout (300 s by default)",
    },
    ErrorExplanation {
        signs: &[
            "The operation was aborted due to timeout",
            "ECONNABORTED",
            "TimeoutError: Timeout awaiting",
            "Timeout awaiting",
        ],
        means: "a request to another service took longer than the limit that the program set",
        look_at: "the other side under this load, an event loop that was blocked meanwhile, the limit itself",
    },
    ErrorExplanation {
        signs: &["4 DEADLINE_EXCEEDED:", "<n> DEADLINE_EXCEEDED:"],
        means: "a call of gRPC was not answered before its deadline",
        look_at: "the other side under this load, an event loop that was blocked meanwhile, the deadline itself",
    },
    ErrorExplanation {
        signs: &["8 RESOURCE_EXHAUSTED:", "<n> RESOURCE_EXHAUSTED:"],
        means: "the other side of a gRPC call turned it away at one of its limits: a quota, a rate, or the size of a message",
        look_at: "the text of the error, the other side's limits, maxReceiveMessageLength",
    },
    ErrorExplanation {
        signs: &["14 UNAVAILABLE:", "<n> UNAVAILABLE:"],
        means: "the other side of a gRPC call could not be reached, or closed the connection",
        look_at: "whether the service runs, restarts and deployments of it, its idle limits (keepalive of the channel)",
    },
    ErrorExplanation {
        signs: &[
            "ProvisionedThroughputExceededException",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "RequestThrottledException",
            "SlowDown: Please reduce your request rate",
        ],
        means: "a service of AWS turned a request away because there were too many in a second",
        look_at: "the quota or the provisioned capacity against the load of the test, hot keys, maxAttempts and the retry mode of the client",
    },
    ErrorExplanation {
        signs: &["cannot be executed on an expired transaction", "Transaction already closed"],
        means: "an interactive transaction of Prisma ran longer than its timeout, 5 s by default",
        look_at: "calls to other services within the transaction, slow queries and locks in it, its option timeout",
    },
    ErrorExplanation {
        signs: &["buffering timed out after"],
        means: "an operation waited for a connection that Mongoose did not have within bufferTimeoutMS",
        look_at: "whether connect() was called and awaited, the errors of the connection before this one, address and port of MongoDB",
    },
    ErrorExplanation {
        signs: &[
            "MongoWaitQueueTimeoutError",
            "WaitQueueTimeoutError",
            "Timed out while checking out a connection from connection pool",
        ],
        means: "no connection of MongoDB's pool came free within waitQueueTimeoutMS",
        look_at: "maxPoolSize, slow operations, cursors and sessions that are never closed",
    },
    ErrorExplanation {
        signs: &["job stalled more than allowable limit"],
        means: "a worker of BullMQ did not renew the lock of its job in time, more often than maxStalledCount",
        look_at: "jobs that block the event loop (a sandboxed processor keeps it free), crashes of workers, lockDuration",
    },
    ErrorExplanation {
        signs: &["ERR_HTTP_HEADERS_SENT", "Cannot set headers after they are sent to the client"],
        means: "the program answered a request that it had answered already",
        look_at: "a second answer after an error or a timeout, a missing `return` after an answer, next() after an answer",
    },
];
