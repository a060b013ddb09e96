#pragma once

#include <lambent/aws/lambda_client.hpp>
#include <lambent/config/spec.hpp>
#include <lambent/processor/context.hpp>

#include <memory>

namespace lambent::processor {

/// The fields that every AWS component shares: region, endpoint, tcp, credentials.
const config::spec& aws_session_spec();

/// Reads them, completes them by the host's defaults, the environment and the shared files, and settles `options` with them.
///
/// No network is touched. Errors: a profile that does not exist, `tcp` settings that contradict each other, and fields whose
/// credentials are not supported yet (`role`, `from_ec2_role`), each named.
/// @return where the keys come from; the host must outlive it.
core::result<std::shared_ptr<aws::credentials_source>> read_aws_session(
    const context& who, const config::reader& read, aws::lambda_options& options);

} // namespace lambent::processor
