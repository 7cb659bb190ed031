import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalServer, startLocalServer } from '../../src/local/server/index.ts'
import * as cognito from '@aws-sdk/client-cognito-identity-provider'

/**
 * Terraform and its provider `hashicorp/aws`, from a mirror: that of Terraform's own configuration file, or the folder
 * that TERRAFORM_MIRROR names. Without either there is nothing to run.
 */
const folder = mkdtempSync(join(tmpdir(), 'cognigate-terraform-'))
const isReady = prepare()

let server: LocalServer

function prepare(): boolean {
  writeFileSync(join(folder, 'main.tf'), configuration('first'))
  const started = spawnSync('terraform', ['init', '-input=false', '-no-color'], {
    cwd: folder,
    env: environment(),
    timeout: 60_000,
    encoding: 'utf8',
  })
  if (started.status === 0) return true
  process.stderr.write('terraform with a mirror of hashicorp/aws: not found; its tests are skipped.\n')
  return false
}

function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TERRAFORM_MIRROR: mirror, TF_CLI_CONFIG_FILE: given } = process.env
  const own = join(folder, 'mirror.tfrc')
  if (mirror !== undefined) {
    const install = `filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n    include = ["*/*/*"]\n  }`
    writeFileSync(own, `provider_installation {\n  ${install}\n}\n`)
  }
  const file = mirror !== undefined ? own : given !== undefined && existsSync(given) ? given : undefined
  return { PATH, HOME, CHECKPOINT_DISABLE: '1', ...(file !== undefined && { TF_CLI_CONFIG_FILE: file }) }
}

/** The configuration, before and after the change. */
function configuration(step: 'first' | 'second'): string {
  const isFirst = step === 'first'
  return `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { default = "http://127.0.0.1:1" }

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "AKIDEXAMPLE"
  secret_key                  = "example"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    cognitoidp      = var.endpoint
    cognitoidentity = var.endpoint
    iam             = var.endpoint
    sts             = var.endpoint
  }
}

resource "aws_cognito_user_pool" "bare" {
  name = "bare"
}

resource "aws_cognito_user_pool" "staff" {
  name                     = "staff"
  alias_attributes         = ["email", "preferred_username"]
  auto_verified_attributes = ["email"]
  deletion_protection      = "INACTIVE"
  mfa_configuration        = "OPTIONAL"
  user_pool_tier           = "PLUS"
  email_verification_subject = "Your code"
  email_verification_message = "It is {####}."
  username_configuration { case_sensitive = false }
  software_token_mfa_configuration { enabled = true }
  password_policy {
    minimum_length                   = ${isFirst ? 12 : 14}
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = false
    require_uppercase                = true
    temporary_password_validity_days = 3
  }
  schema {
    name                = "tier"
    attribute_data_type = "String"
    mutable             = true
    string_attribute_constraints {
      min_length = "1"
      max_length = "8"
    }
  }
${
  isFirst
    ? ''
    : `  schema {
    name                = "badge"
    attribute_data_type = "Number"
    mutable             = true
    number_attribute_constraints {
      min_value = "1"
      max_value = "99"
    }
  }
`
}  schema {
    name                = "email"
    attribute_data_type = "String"
    mutable             = true
    required            = true
    string_attribute_constraints {
      min_length = "0"
      max_length = "2048"
    }
  }
  device_configuration {
    challenge_required_on_new_device      = true
    device_only_remembered_on_user_prompt = true
  }
  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }
  admin_create_user_config {
    allow_admin_create_user_only = true
    invite_message_template {
      email_message = "{username} {####}"
      email_subject = "Welcome"
      sms_message   = "{username} {####}"
    }
  }
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }
  user_pool_add_ons { advanced_security_mode = "AUDIT" }
  tags = { team = "${isFirst ? 'red' : 'blue'}" }
}

resource "aws_cognito_user_pool_domain" "staff" {
  domain       = "staff-of-example"
  user_pool_id = aws_cognito_user_pool.staff.id
}

resource "aws_cognito_resource_server" "orders" {
  identifier   = "orders"
  name         = "Orders"
  user_pool_id = aws_cognito_user_pool.staff.id
  scope {
    scope_name        = "read"
    scope_description = "Reads orders"
  }
}

resource "aws_cognito_user_pool_client" "web" {
  name                                 = "web"
  user_pool_id                         = aws_cognito_user_pool.staff.id
  explicit_auth_flows                  = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  supported_identity_providers         = ["COGNITO", aws_cognito_identity_provider.corp.provider_name]
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_scopes                 = ["openid", "email"]
  callback_urls                        = ["https://app.example.com/callback"${isFirst ? '' : ', "http://localhost:3000"'}]
  access_token_validity                = 30
  token_validity_units { access_token = "minutes" }
}

resource "aws_cognito_user_pool_client" "machine" {
  name                                 = "machine"
  user_pool_id                         = aws_cognito_user_pool.staff.id
  generate_secret                      = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_scopes                 = aws_cognito_resource_server.orders.scope_identifiers
}

resource "aws_cognito_identity_provider" "corp" {
  user_pool_id  = aws_cognito_user_pool.staff.id
  provider_name = "Corp"
  provider_type = "OIDC"
  provider_details = {
    attributes_request_method     = "GET"
    attributes_url_add_attributes = "false"
    authorize_scopes              = "openid"
    client_id                     = "corp"
    client_secret                 = "secret"
    oidc_issuer                   = "https://idp.example.com"
  }
  attribute_mapping = { email = "email", username = "sub" }
}

resource "aws_iam_role" "editor" {
  name               = "editor"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "cognito-identity.amazonaws.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = { "cognito-identity.amazonaws.com:aud" = aws_cognito_identity_pool.staff.id } }
    }]
  })
}

resource "aws_iam_role_policy" "editor" {
  name   = "read"
  role   = aws_iam_role.editor.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::example/*" }]
  })
}

resource "aws_cognito_user_group" "editor" {
  name         = "editor"
  user_pool_id = aws_cognito_user_pool.staff.id
  description  = "${isFirst ? 'Writes' : 'Writes and deletes'}"
  precedence   = 10
  role_arn     = aws_iam_role.editor.arn
}

resource "aws_cognito_user" "alice" {
  user_pool_id = aws_cognito_user_pool.staff.id
  username     = "alice"
  password     = "Correct-horse-1"
  attributes   = { email = "alice@example.com", email_verified = "true", tier = "gold" }
}

resource "aws_cognito_user_in_group" "alice" {
  user_pool_id = aws_cognito_user_pool.staff.id
  group_name   = aws_cognito_user_group.editor.name
  username     = aws_cognito_user.alice.username
}

resource "aws_cognito_identity_pool" "staff" {
  identity_pool_name               = "staff"
  allow_unauthenticated_identities = false
  cognito_identity_providers {
    client_id               = aws_cognito_user_pool_client.web.id
    provider_name           = aws_cognito_user_pool.staff.endpoint
    server_side_token_check = true
  }
}

resource "aws_cognito_identity_pool_roles_attachment" "staff" {
  identity_pool_id = aws_cognito_identity_pool.staff.id
  role_mapping {
    identity_provider         = "\${aws_cognito_user_pool.staff.endpoint}:\${aws_cognito_user_pool_client.web.id}"
    ambiguous_role_resolution = "Deny"
    type                      = "Token"
  }
  roles = { authenticated = aws_iam_role.editor.arn }
}

resource "aws_cognito_risk_configuration" "staff" {
  user_pool_id = aws_cognito_user_pool.staff.id
  risk_exception_configuration { blocked_ip_range_list = ["203.0.113.0/24"] }
}

output "pool" { value = aws_cognito_user_pool.staff.id }
output "client" { value = aws_cognito_user_pool_client.web.id }
`
}

async function terraform(...args: string[]): Promise<{ code: number | null; text: string }> {
  const endpoint = [`-var=endpoint=${server.url}`]
  const variables = args[0] === 'output' ? [] : endpoint
  return new Promise((resolve, reject) => {
    const child = spawn('terraform', [...args, ...variables, '-no-color'], { cwd: folder, env: environment() })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    child.stderr.on('data', (chunk) => {
      text += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, text }))
  })
}

async function apply(): Promise<string> {
  const { code, text } = await terraform('apply', '-input=false', '-auto-approve')
  if (code !== 0) throw new Error(text)
  return text
}

/** What a plan would change: nothing, by exit code 0. */
async function planned(): Promise<string> {
  const { code, text } = await terraform('plan', '-input=false', '-detailed-exitcode')
  return code === 0 ? 'nothing' : text
}

beforeAll(async () => {
  if (isReady) server = await startLocalServer({ pool: false })
})

afterAll(async () => {
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!isReady)('Terraform', () => {
  it('sets up a pool and all around it, finds no drift, changes it, and takes it away', async () => {
    expect(await apply()).toMatch(/Apply complete! Resources: 15 added/)
    const UserPoolId = JSON.parse((await terraform('output', '-json', 'pool')).text)
    const sdk = new cognito.CognitoIdentityProviderClient({
      region: 'eu-west-1',
      endpoint: server.url,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    })
    const pool = async () => (await sdk.send(new cognito.DescribeUserPoolCommand({ UserPoolId }))).UserPool
    expect(await pool()).toMatchObject({
      MfaConfiguration: 'OPTIONAL',
      Domain: 'staff-of-example',
      UserPoolTags: { team: 'red' },
      Policies: { PasswordPolicy: { MinimumLength: 12 } },
    })
    const groups = await sdk.send(new cognito.AdminListGroupsForUserCommand({ UserPoolId, Username: 'alice' }))
    expect(groups.Groups).toMatchObject([{ GroupName: 'editor', RoleArn: 'arn:aws:iam::123456789012:role/editor' }])

    writeFileSync(join(folder, 'main.tf'), configuration('second'))
    // Were there any drift after the first time, more than these would change.
    expect(await apply()).toMatch(/Apply complete! Resources: 0 added, 3 changed, 0 destroyed/)
    expect(await planned()).toBe('nothing')
    const changed = await pool()
    expect(changed).toMatchObject({
      UserPoolTags: { team: 'blue' },
      Policies: { PasswordPolicy: { MinimumLength: 14 } },
      MfaConfiguration: 'OPTIONAL',
      AutoVerifiedAttributes: ['email'],
    })
    expect(changed?.SchemaAttributes?.map(({ Name }) => Name)).toContain('custom:badge')

    const gone = await terraform('destroy', '-input=false', '-auto-approve')
    expect(gone.text).toMatch(/Destroy complete! Resources: 15 destroyed/)
    expect(await sdk.send(new cognito.ListUserPoolsCommand({ MaxResults: 60 }))).toMatchObject({ UserPools: [] })
    sdk.destroy()
  }, 240_000)
})
