export const userPoolId = 'eu-west-1_BenchPool'
export const region = 'eu-west-1'
export const clientId = '1example23456789abcdefghij'
export const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`

/** An access key of nobody. */
export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' }
