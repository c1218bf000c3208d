/*
 * frugal-reseed.node: gives OpenSSL in a restored Node process new randomness. OpenSSL notices forks by the process id,
 * which is the same in every clone, so without this all clones of a snapshot draw the same "random" bytes.
 *
 * reseed(bytes) mixes `bytes` and the kernel's randomness into the generator that all others of the process descend from;
 * theirs, of every thread, fetch a new seed from it before they next give anything. It returns 256 bits for JavaScript's own
 * generators, and throws where OpenSSL refuses.
 *
 * Node exports all that is used here, and the declarations are of its stable interfaces: Node-API, and OpenSSL since 3.0.
 * So no headers of Node's are needed to build this.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

typedef struct napi_env_s *napi_env;
typedef struct napi_value_s *napi_value;
typedef struct napi_callback_info_s *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);

int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
int napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
int napi_get_buffer_info(napi_env, napi_value, void **, size_t *);
int napi_create_buffer_copy(napi_env, size_t, const void *, void **, napi_value *);
int napi_throw_error(napi_env, const char *, const char *);

typedef struct evp_rand_ctx_st EVP_RAND_CTX;

EVP_RAND_CTX *RAND_get0_primary(void *);
int EVP_RAND_reseed(EVP_RAND_CTX *, int, const unsigned char *, size_t, const unsigned char *, size_t);
int RAND_bytes(unsigned char *, int);

enum { KERNEL_BYTES = 48, LARGEST_CONTRIBUTION = 256, RETURNED_BYTES = 32 };

static napi_value refuse(napi_env env, const char *message) {
  napi_throw_error(env, "ERR_FRUGAL_RESEED", message);
  return NULL;
}

static napi_value reseed(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t arguments = 1;
  void *contribution = NULL;
  size_t length = 0;
  if (napi_get_cb_info(env, info, &arguments, &argument, NULL, NULL) != 0 || arguments != 1 ||
      napi_get_buffer_info(env, argument, &contribution, &length) != 0 || length > LARGEST_CONTRIBUTION)
    return refuse(env, "reseed() takes a buffer of at most 256 bytes");

  /* Beside what OpenSSL fetches itself: where it gets that from is up to how Node was built. */
  unsigned char fresh[KERNEL_BYTES + LARGEST_CONTRIBUTION];
  if (getrandom(fresh, KERNEL_BYTES, 0) != KERNEL_BYTES) return refuse(env, "The kernel gives no random bytes");
  if (length > 0) memcpy(fresh + KERNEL_BYTES, contribution, length);

  EVP_RAND_CTX *primary = RAND_get0_primary(NULL);
  if (primary == NULL || EVP_RAND_reseed(primary, true, NULL, 0, fresh, KERNEL_BYTES + length) != 1)
    return refuse(env, "OpenSSL cannot be reseeded");

  unsigned char returned[RETURNED_BYTES];
  napi_value result;
  if (RAND_bytes(returned, sizeof returned) != 1 ||
      napi_create_buffer_copy(env, sizeof returned, returned, NULL, &result) != 0)
    return refuse(env, "OpenSSL gives no random bytes");
  return result;
}

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function;
  if (napi_create_function(env, "reseed", strlen("reseed"), reseed, NULL, &function) == 0)
    napi_set_named_property(env, exports, "reseed", function);
  return exports;
}

int32_t node_api_module_get_api_version_v1(void) {
  return 8;
}
