import type { Operations } from '../operation.ts'
import { confirmForgotPassword, confirmUser, forgotPassword, signUp } from './accounts.ts'
import { authorize } from './authorize.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { addPasskey } from './passkey-page.ts'
import { errorPage } from './page.ts'
import { provider } from './provider.ts'
import { revoke, token, userInfo } from './token-endpoint.ts'

/** What a domain of managed login serves: the endpoints of OAuth 2.0 and OpenID Connect, and the pages. */
export function managedLoginOperations(): Operations {
  return {
    'oauth2.authorize': authorize,
    'oauth2.token': token,
    'oauth2.revoke': revoke,
    'oauth2.userInfo': userInfo,
    'oauth2.login': login,
    'oauth2.logout': logout,
    'oauth2.error': errorPage,
    'oauth2.signup': signUp,
    'oauth2.confirmUser': confirmUser,
    'oauth2.forgotPassword': forgotPassword,
    'oauth2.confirmForgotPassword': confirmForgotPassword,
    'oauth2.addPasskey': addPasskey,
    'oauth2.provider': provider,
  }
}
