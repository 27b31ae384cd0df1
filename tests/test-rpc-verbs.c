// SPDX-License-Identifier: MIT
/* The verbs transport where there is no RDMA device. */
#include <arpa/inet.h>
#include <errno.h>

#include "base/time.h"
#include "rows.h"
#include "rpc/transport.h"

static void lack_of_a_device_is_said(void **state)
{
	struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(20049) };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_domain *domain = NULL;

	(void)state;
	if (!access("/dev/infiniband/rdma_cm", F_OK))
		skip();
	inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
	assert_int_equal(pst_transport_verbs.domain_get((const struct sockaddr *)&server,
							pst_now_usec() + PST_USEC_PER_SEC, &domain,
							&reason),
			 -ENODEV);
	assert_null(domain);
	assert_non_null(strstr(reason.text, "/dev/infiniband/rdma_cm"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lack_of_a_device_is_said) };

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
